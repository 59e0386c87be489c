//! Every store keeps one contract; and what each of them survives besides.

#[cfg(test)]
mod contract;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod kurrentdb;
#[cfg(test)]
mod leases;
#[cfg(test)]
mod postgres;
#[cfg(test)]
mod random;
#[cfg(test)]
mod sqlite;
#[cfg(test)]
mod writing;
