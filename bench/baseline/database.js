// The tables, and every statement that is run on them, prepared once on each connection.
import pg from "pg";

const TABLES = `
  CREATE TABLE IF NOT EXISTS users (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now()
  );
  CREATE TABLE IF NOT EXISTS rooms (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name TEXT NOT NULL,
    created_by BIGINT NOT NULL REFERENCES users (id),
    created_at TIMESTAMPTZ NOT NULL DEFAULT now()
  );
  CREATE TABLE IF NOT EXISTS members (
    room_id BIGINT NOT NULL REFERENCES rooms (id),
    user_id BIGINT NOT NULL REFERENCES users (id),
    joined_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (room_id, user_id)
  );
  CREATE INDEX IF NOT EXISTS members_by_user ON members (user_id);
  CREATE TABLE IF NOT EXISTS messages (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    room_id BIGINT NOT NULL REFERENCES rooms (id),
    sender_id BIGINT NOT NULL REFERENCES users (id),
    content TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now()
  );
  CREATE INDEX IF NOT EXISTS messages_by_room ON messages (room_id, id);
`;

// Ids fit a JavaScript number; pg gives BIGINT as text unless it is told otherwise.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

export async function connect(connectionString, max) {
  const pool = new pg.Pool({ connectionString, max });
  pool.on("error", (cause) => console.error("an idle connection failed:", cause.message));
  await pool.query(TABLES);
  // A statement with a name is parsed and planned once by each connection.
  const run = async (name, text, values) => (await pool.query({ name, text, values })).rows;

  return {
    addUser: async (name, email, passwordHash) => {
      const text = `INSERT INTO users (name, email, password_hash) VALUES ($1, $2, $3)
        ON CONFLICT (email) DO NOTHING RETURNING id`;
      return (await run("add_user", text, [name, email, passwordHash]))[0];
    },
    userByEmail: async (email) => {
      const text = "SELECT id, name, email, password_hash FROM users WHERE email = $1";
      return (await run("user_by_email", text, [email]))[0];
    },
    addRoom: async (name, creator, members) => {
      const text = `WITH room AS (
          INSERT INTO rooms (name, created_by) VALUES ($1, $2) RETURNING id
        ), joined AS (
          INSERT INTO members (room_id, user_id)
          SELECT room.id, member FROM room, unnest($3::bigint[]) AS member
        )
        SELECT id FROM room`;
      return (await run("add_room", text, [name, creator, members]))[0];
    },
    isMember: async (room, user) => {
      const text = "SELECT 1 FROM members WHERE room_id = $1 AND user_id = $2";
      return (await run("is_member", text, [room, user])).length > 0;
    },
    addMessage: async (room, sender, content) => {
      const text = `INSERT INTO messages (room_id, sender_id, content) VALUES ($1, $2, $3)
        RETURNING id, created_at`;
      return (await run("add_message", text, [room, sender, content]))[0];
    },
    messages: (room, before, limit) => {
      const text = `SELECT id, room_id, sender_id, content, created_at FROM messages
        WHERE room_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`;
      return run("messages", text, [room, before, limit]);
    },
  };
}
