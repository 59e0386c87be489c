//! Makes the services from the definitions that KurrentDB's own client carries in its package.

use std::error::Error;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

const DEFINITIONS: [&str; 3] = ["streams.proto", "gossip.proto", "serverfeatures.proto"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../../Cargo.lock");
    let definitions = package_of_the_client()?.join("protos");
    let compiled = protox::compile(DEFINITIONS, [definitions])?;
    tonic_build::configure()
        .build_client(false)
        .bytes(["."])
        .extern_path(".event_store.client.Empty", "()")
        .include_file("protocol.rs")
        .compile_fds(compiled)?;
    Ok(())
}

/// Where cargo keeps the package `kurrentdb`.
fn package_of_the_client() -> Result<PathBuf, Box<dyn Error>> {
    let output = Command::new(std::env::var("CARGO")?)
        .args(["metadata", "--format-version=1", "--offline", "--locked"])
        .args(["--filter-platform", &std::env::var("HOST")?])
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let manifest = packages
        .filter(|package| package["name"] == "kurrentdb")
        .find_map(|package| package["manifest_path"].as_str())
        .ok_or("the package kurrentdb is not among the dependencies")?;
    let folder = PathBuf::from(manifest);
    Ok(folder.parent().ok_or("a manifest has a folder")?.to_owned())
}
