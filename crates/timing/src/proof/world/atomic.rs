//! Atomics that announce what they are about to do.

use std::panic::Location;

use shuttle::sync::atomic::{self, Ordering};

use crate::proof::op::Verb;
use crate::proof::record;

macro_rules! announced {
    ($($name:ident $int:ty;)*) => {
        $(
            /// An integer that threads share.
            #[derive(Debug)]
            pub struct $name {
                inner: atomic::$name,
                object: usize,
            }

            impl $name {
                /// Returns an atomic with this value.
                pub fn new(value: $int) -> Self {
                    Self {
                        inner: atomic::$name::new(value),
                        object: record::object("atomic", value.to_string()),
                    }
                }

                /// Reads the value.
                #[track_caller]
                pub fn load(&self, order: Ordering) -> $int {
                    self.announce("reads {}");
                    let value = self.inner.load(order);
                    record::end(&value.to_string());
                    value
                }

                /// Writes a value.
                #[track_caller]
                pub fn store(&self, value: $int, order: Ordering) {
                    self.announce(&format!("writes {value} to {{}}"));
                    self.inner.store(value, order);
                    self.becomes(value);
                    record::end("");
                }

                /// Adds to the value, and returns what it was.
                #[track_caller]
                pub fn fetch_add(&self, more: $int, order: Ordering) -> $int {
                    self.announce(&format!("adds {more} to {{}}"));
                    let value = self.inner.fetch_add(more, order);
                    self.becomes(value.wrapping_add(more));
                    record::end(&format!("it was {value}"));
                    value
                }

                /// Writes a value if the value is still `current`.
                ///
                /// # Errors
                /// The value, if it is another.
                #[track_caller]
                pub fn compare_exchange(
                    &self,
                    current: $int,
                    new: $int,
                    success: Ordering,
                    failure: Ordering,
                ) -> Result<$int, $int> {
                    self.announce(&format!("writes {new} to {{}} if it is still {current}"));
                    let result = self.inner.compare_exchange(current, new, success, failure);
                    match result {
                        Ok(_) => {
                            self.becomes(new);
                            record::end("it was");
                        }
                        Err(other) => record::end(&format!("it is {other}")),
                    }
                    result
                }

                #[track_caller]
                fn announce(&self, text: &str) {
                    record::begin(Verb::Other, Some(self.object), text, Location::caller());
                }

                fn becomes(&self, value: $int) {
                    record::value(self.object, value.to_string());
                }
            }
        )*
    };
}

announced! {
    AtomicU8 u8;
    AtomicU16 u16;
    AtomicU32 u32;
    AtomicU64 u64;
    AtomicUsize usize;
    AtomicI8 i8;
    AtomicI16 i16;
    AtomicI32 i32;
    AtomicI64 i64;
    AtomicIsize isize;
}
