//! Every store keeps one contract; and what the embedded store survives besides.

#[cfg(test)]
mod contract;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod random;
#[cfg(test)]
mod sqlite;
#[cfg(test)]
mod writing;
