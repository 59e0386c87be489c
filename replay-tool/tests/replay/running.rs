//! How the program is called, beside whom, and what it says when it cannot run.

use crate::world::{MASTER, World, answer};

/// It could not run, and said why in one line that has `part` in it.
fn refused(world: &World, arguments: &[&str], part: &str) {
    let answer = world.run(arguments);
    assert_eq!(
        answer.code, 2,
        "{arguments:?}: {} {}",
        answer.out, answer.err
    );
    assert_eq!(answer.out, "", "{arguments:?}");
    assert_eq!(
        answer.err.lines().count(),
        1,
        "{arguments:?}: {}",
        answer.err
    );
    assert!(answer.err.contains(part), "{arguments:?}: {}", answer.err);
}

#[tokio::test]
async fn what_it_cannot_do_is_one_line_and_exit_code_two() {
    let world = World::with_messages(2).await;
    refused(&world, &["verify", "--nonsense"], "--nonsense");
    refused(&world, &["rebuild"], "--into");
    refused(
        &world,
        &["--event-store", "sqlite:///nowhere/events.db", "verify"],
        "/nowhere",
    );
    refused(
        &world,
        &["--key-store", "sqlite:///nowhere/keys.db", "verify"],
        "/nowhere",
    );
    refused(
        &world,
        &["--master-file", "/nowhere/master.key", "verify"],
        "/nowhere",
    );
    let url = "kurrentdb://a:geheim@b/c/d";
    refused(&world, &["--event-store", url, "stats"], "--event-store");
    let answer = world.run(&["--event-store", url, "stats"]);
    assert!(!answer.err.contains("geheim"), "{}", answer.err);
}

#[tokio::test]
async fn a_wrong_master_key_is_refused() {
    let world = World::with_messages(2).await;
    std::fs::write(world.file("master.key"), "00".repeat(32)).unwrap();
    refused(&world, &["verify"], "another master key");
    std::fs::write(world.file("master.key"), "0123").unwrap();
    refused(&world, &["verify"], "64 hexadecimal characters");
    std::fs::remove_file(world.file("master.key")).unwrap();
    refused(&world, &["verify"], "master.key");
    assert!(!world.file("master.key").exists(), "a master key was made");
}

#[tokio::test]
async fn a_master_key_that_others_can_read_is_refused() {
    let world = World::with_messages(2).await;
    world.allow("master.key", 0o644);
    refused(&world, &["verify"], "0600");
}

#[tokio::test]
async fn the_master_key_is_taken_from_the_environment() {
    let world = World::with_messages(2).await;
    let elsewhere = world.file("elsewhere");
    std::fs::rename(world.file("master.key"), &elsewhere).unwrap();
    let digits = MASTER.map(|byte| format!("{byte:02X}")).concat();
    let by_value = world
        .command(&["verify"])
        .env("MAEUM_KEYS__MASTER", digits)
        .output();
    let by_file = world
        .command(&["verify"])
        .env("MAEUM_KEYS__MASTER_FILE", &elsewhere)
        .output();
    let by_flag = world
        .command(&["verify"])
        .arg("--master-file")
        .arg(&elsewhere)
        .output();
    for output in [by_value, by_file, by_flag] {
        let answer = answer(output.unwrap());
        assert_eq!(answer.code, 0, "{}", answer.err);
    }
}

#[tokio::test]
async fn it_reads_beside_a_server_that_holds_the_log_open() {
    let world = World::with_messages(20).await;
    let log = world.open_to_write();
    for arguments in [&["verify"][..], &["stats"]] {
        let answer = world.run(arguments);
        assert_eq!(answer.code, 0, "{arguments:?}: {}", answer.err);
    }
    log.close().await;
}

#[tokio::test]
async fn it_leaves_log_and_keys_as_they_are() {
    let world = World::with_messages(20).await;
    let files = ["events.db", "keys.db"];
    let before = files.map(|file| std::fs::read(world.file(file)).unwrap());
    for arguments in [&["verify"][..], &["stats"]] {
        assert_eq!(world.run(arguments).code, 0);
    }
    assert!(before == files.map(|file| std::fs::read(world.file(file)).unwrap()));
}

#[tokio::test]
async fn help_names_every_task() {
    let answer = World::empty().await.run(&["--help"]);
    assert_eq!(answer.code, 0);
    for task in [
        "verify",
        "diff",
        "copy",
        "rebuild",
        "export",
        "stats",
        "--json",
        "--master-file",
    ] {
        assert!(answer.out.contains(task), "{task}");
    }
}
