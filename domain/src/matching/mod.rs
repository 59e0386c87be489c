//! Who is asked next: pure matching, for a process manager to carry out.
