// Connects, joins a room, sends a message and prints what it hears, a line each. It ends when it has
// been told that somebody else sent something.
//
//   node messenger.mjs HOST:PORT TOKEN TRANSPORT ROOM TEXT
import { createRequire } from "node:module";

const installed = createRequire(`${process.env.MAEUM_TEST_TOOLS}/node/package.json`);
const { io } = installed("socket.io-client");

const [server, token, transport, room, text] = process.argv.slice(2);
const tell = (line) => console.log(JSON.stringify(line));

const socket = io(`http://${server}/chat`, {
  auth: { token },
  transports: transport === "both" ? ["polling", "websocket"] : [transport],
  reconnection: false,
});

socket.on("connect", async () => {
  tell({ connected: true });
  tell({ joined: await socket.emitWithAck("room:join", { roomId: room }) });
  socket.emit("typing:start", { roomId: room });
  const message = { roomId: room, content: text, messageType: "TEXT" };
  tell({ sent: await socket.emitWithAck("message:send", message) });
});

socket.on("connect_error", (error) => {
  tell({ refused: error.message });
  process.exit();
});

for (const event of ["message:delivered", "message:read", "user:online", "typing:start", "error"]) {
  socket.on(event, (data) => tell({ event, data }));
}

socket.on("messages:offline", (messages) => tell({ offline: messages }));

socket.on("message:new", (data) => {
  tell({ heard: data, over: socket.io.engine.transport.name });
  if (data.content === text) return;
  socket.emit("message:read", { messageId: data.messageId }, (answer) => {
    tell({ read: answer });
    socket.disconnect();
  });
});

socket.on("disconnect", (reason) => tell({ disconnected: reason }));
