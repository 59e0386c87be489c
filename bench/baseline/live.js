// Rooms over Socket.IO: a message is stored, then told to the others, then acknowledged.
import jwt from "jsonwebtoken";
import { Server } from "socket.io";

const LONGEST = 10_000;

export function live(httpServer, database, { secret }) {
  const io = new Server(httpServer, { perMessageDeflate: false });

  // As Socket.IO's page on memory advises: the first request is not needed any more.
  io.engine.on("connection", (connection) => {
    connection.request = null;
  });

  io.use((socket, next) => {
    try {
      const user = jwt.verify(socket.handshake.auth.token, secret, { algorithms: ["HS256"] });
      socket.data.user = { id: Number(user.sub), name: user.name };
    } catch {
      next(new Error("unauthorized"));
      return;
    }
    next();
  });

  io.on("connection", (socket) => {
    const { user } = socket.data;

    socket.on("join", async ({ room_id: room } = {}, answer = () => {}) => {
      try {
        if (!Number.isSafeInteger(room) || !(await database.isMember(room, user.id))) {
          answer({ error: "no such room" });
          return;
        }
        await socket.join(name(room));
        answer({ room_id: room });
      } catch (cause) {
        failed(cause, answer);
      }
    });

    socket.on("message", async ({ room_id: room, content } = {}, answer = () => {}) => {
      try {
        if (!socket.rooms.has(name(room))) {
          answer({ error: "join the room first" });
          return;
        }
        if (typeof content !== "string" || content.length === 0 || content.length > LONGEST) {
          answer({ error: `content has 1 to ${LONGEST} characters` });
          return;
        }
        const { id, created_at: createdAt } = await database.addMessage(room, user.id, content);
        socket.to(name(room)).emit("message", {
          message_id: id,
          room_id: room,
          sender_id: user.id,
          sender_name: user.name,
          content,
          created_at: createdAt,
        });
        answer({ message_id: id, created_at: createdAt });
      } catch (cause) {
        failed(cause, answer);
      }
    });
  });

  return io;
}

function name(room) {
  return `room-${room}`;
}

function failed(cause, answer) {
  console.error(cause);
  answer({ error: "failed" });
}
