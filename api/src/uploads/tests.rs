//! Files as a client brings and fetches them, over the real layers, stores and read models.

mod access;
mod bounds;
mod faulty;
mod kept;
mod swept;
mod world;
