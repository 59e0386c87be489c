//! `config.example.toml`, written from the declarations.

use super::Settings;

impl Settings {
    /// Every setting with its help and default, as a file that can be loaded.
    pub fn example() -> String {
        let mut example = "\
# Every setting of maeum with its default. An empty text is none.
# The environment has the same settings as MAEUM_SECTION__KEY, lists there as JSON arrays; flags
# win over the environment, and the environment over a file.
"
        .to_owned();
        let mut section = "";
        for (of, field, default) in Self::default().walk() {
            example.push('\n');
            if of != section {
                example.extend(["[", of, "]\n"]);
                section = of;
            }
            for line in field
                .help
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
            {
                example.extend(["# ", line, "\n"]);
            }
            example.extend([field.name, " = ", &default, "\n"]);
        }
        example
    }
}
