//! Enums that keep values they do not know.

/// Makes an enum over an unsigned integer with a name for each known value and `Unknown(raw)` for the rest.
///
/// ```
/// nameplate::wire::open_enum! {
///     /// Device status.
///     pub enum Status: u8 {
///         /// Running.
///         Run = 1, "run",
///         /// Stopped.
///         Stop = 2, "stop",
///     }
/// }
/// assert_eq!(Status::from(1), Status::Run);
/// assert_eq!(Status::from(9), Status::Unknown(9));
/// assert_eq!(u8::from(Status::from(9)), 9);
/// assert_eq!(Status::Stop.name(), Some("stop"));
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __open_enum {
    ($(#[$meta:meta])* $vis:vis enum $name:ident: $raw:ty {
        $($(#[$case_meta:meta])* $case:ident = $value:literal, $text:literal),+ $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        $vis enum $name {
            $($(#[$case_meta])* $case,)+
            /// A value that the specification read does not name.
            Unknown($raw),
        }

        impl $name {
            /// The specification's name for the value; `None` when it has none.
            #[allow(dead_code)]
            $vis fn name(self) -> Option<&'static str> {
                match self {
                    $(Self::$case => Some($text),)+
                    Self::Unknown(_) => None,
                }
            }
        }

        impl From<$raw> for $name {
            fn from(raw: $raw) -> Self {
                match raw {
                    $($value => Self::$case,)+
                    unknown => Self::Unknown(unknown),
                }
            }
        }

        impl From<$name> for $raw {
            fn from(value: $name) -> Self {
                match value {
                    $($name::$case => $value,)+
                    $name::Unknown(raw) => raw,
                }
            }
        }
    };
}

pub use __open_enum as open_enum;
