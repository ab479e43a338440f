//! The same files as `wget -r`.
