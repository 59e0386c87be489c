// Accounts, rooms and history over HTTP.
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import express from "express";
import jwt from "jsonwebtoken";

const PAGE = 50;
const NEWEST = Number.MAX_SAFE_INTEGER;
const derive = promisify(scrypt);

async function hash(password, cost, salt = randomBytes(16)) {
  const key = await derive(password, salt, 32, { N: cost });
  return `${salt.toString("hex")}:${key.toString("hex")}`;
}

async function matches(password, stored, cost) {
  const salt = Buffer.from(stored.split(":")[0], "hex");
  return timingSafeEqual(Buffer.from(stored), Buffer.from(await hash(password, cost, salt)));
}

export function rest(database, { secret, passwordCost }) {
  const app = express();
  app.disable("x-powered-by");
  app.use(express.json());

  const authenticated = (request, response, next) => {
    try {
      const token = (request.headers.authorization ?? "").replace(/^Bearer /, "");
      request.user = jwt.verify(token, secret, { algorithms: ["HS256"] });
    } catch {
      response.status(401).json({ error: "unauthorized" });
      return;
    }
    next();
  };

  app.post("/register", async (request, response) => {
    const { name, email, password } = request.body ?? {};
    if (!name || !email || typeof password !== "string" || password.length < 8) {
      response.status(422).json({ error: "name, email and a password of 8 characters" });
      return;
    }
    const user = await database.addUser(name, email, await hash(password, passwordCost));
    if (user) response.status(201).json({ id: user.id, name, email });
    else response.status(409).json({ error: "this email is taken" });
  });

  app.post("/login", async (request, response) => {
    const { email, password } = request.body ?? {};
    const user = await database.userByEmail(String(email));
    if (!user || !(await matches(String(password), user.password_hash, passwordCost))) {
      response.status(401).json({ error: "unknown email or wrong password" });
      return;
    }
    const claims = { sub: String(user.id), name: user.name };
    const token = jwt.sign(claims, secret, { algorithm: "HS256", expiresIn: "1h" });
    response.json({ access_token: token, user: { id: user.id, name: user.name } });
  });

  app.post("/rooms", authenticated, async (request, response) => {
    const { name, member_ids: others } = request.body ?? {};
    if (!name || !Array.isArray(others) || !others.every(Number.isSafeInteger)) {
      response.status(422).json({ error: "name and member_ids" });
      return;
    }
    const creator = Number(request.user.sub);
    const room = await database.addRoom(name, creator, [...new Set([creator, ...others])]);
    response.status(201).json({ id: room.id, name });
  });

  app.get("/rooms/:id/messages", authenticated, async (request, response) => {
    const room = Number(request.params.id);
    if (!Number.isSafeInteger(room) || !(await database.isMember(room, Number(request.user.sub)))) {
      response.status(404).json({ error: "no such room" });
      return;
    }
    const before = Number(request.query.before ?? NEWEST);
    response.json({ messages: await database.messages(room, before, PAGE) });
  });

  return app;
}
