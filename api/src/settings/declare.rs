//! The macro by which a section of settings is declared: a field, its kind, its default, its help.

/// What is known of one setting without its value.
pub struct Field {
    pub name: &'static str,
    pub help: &'static str,
    pub secret: bool,
}

/// Declares a section. Each field has a doc comment, which is its help, a kind, a default, and
/// where there is an order, the range that is allowed.
macro_rules! section {
    ($(#[$doc:meta])* $section:ident {
        $($(#[doc = $help:literal])+ $field:ident: $kind:ty = $default:expr $(, in $range:expr)?;)+
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $section {
            $($(#[doc = $help])+ pub $field: <$kind as Kind>::Value,)+
        }

        impl Default for $section {
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }

        impl Section for $section {
            const FIELDS: &'static [Field] = &[$(Field {
                name: stringify!($field),
                help: concat!($($help, "\n",)+),
                secret: <$kind as Kind>::SECRET,
            }),+];

            fn set(&mut self, name: &str, raw: &Raw) -> Option<Result<(), String>> {
                match name {
                    $(stringify!($field) => Some({
                        let value = <$kind as Kind>::parse(raw)
                            .map_err(|more| more.unwrap_or_else(<$kind as Kind>::allowed));
                        $(let value = value.and_then(|value| {
                            within::<$kind>(value, &$range)
                        });)?
                        value.map(|value| self.$field = value)
                    }),)+
                    _ => None,
                }
            }

            fn show(&self) -> Vec<String> {
                vec![$(<$kind as Kind>::show(&self.$field)),+]
            }
        }
    };
}
pub(super) use section;

use super::kinds::{Kind, Raw};

/// A group of settings under one name.
pub trait Section {
    const FIELDS: &'static [Field];

    /// Sets one by its name; none if there is no such setting, else what is allowed if the value
    /// is not.
    fn set(&mut self, name: &str, raw: &Raw) -> Option<Result<(), String>>;

    /// The values as TOML, in the order of [`Section::FIELDS`].
    fn show(&self) -> Vec<String>;
}

/// Holds a value to its range.
pub fn within<K: Kind>(
    value: K::Value,
    range: &std::ops::RangeInclusive<K::Value>,
) -> Result<K::Value, String>
where
    K::Value: PartialOrd,
{
    if range.contains(&value) {
        return Ok(value);
    }
    Err(format!(
        "{}, from {} to {}",
        K::allowed(),
        K::show(range.start()),
        K::show(range.end())
    ))
}
