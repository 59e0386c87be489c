// A chat server as one would write it: one process, Express, Socket.IO, PostgreSQL by a pool.
import { createServer } from "node:http";
import { connect } from "./database.js";
import { live } from "./live.js";
import { rest } from "./rest.js";

const {
  DATABASE_URL,
  JWT_SECRET,
  HOST = "127.0.0.1",
  PORT = "0",
  // Connections to PostgreSQL.
  POOL = "20",
  // scrypt's N. Users are made by the hundred before anything is measured.
  PASSWORD_COST = "16384",
} = process.env;

if (!DATABASE_URL || !JWT_SECRET) {
  console.error("DATABASE_URL and JWT_SECRET must be set");
  process.exit(2);
}

const settings = { secret: JWT_SECRET, passwordCost: Number(PASSWORD_COST) };
const database = await connect(DATABASE_URL, Number(POOL));
const server = createServer(rest(database, settings));
live(server, database, settings);
server.listen(Number(PORT), HOST, () => {
  const { address, port } = server.address();
  console.log(`listening on http://${address}:${port}`);
});
