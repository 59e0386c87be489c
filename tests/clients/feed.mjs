// Listens on a room's socket and, once connected, sends a message as a page does: by `fetch`, with
// a string for its body. Prints a line for the answer and one for each frame.
//
//   node feed.mjs HOST:PORT ROOM USER TEXT
import { createRequire } from "node:module";

// Node has a WebSocket of its own from 22 on.
const installed = createRequire(`${process.env.MAEUM_TEST_TOOLS}/node/package.json`);
const Socket = globalThis.WebSocket ?? installed("ws").WebSocket;

const [server, room, user, text] = process.argv.slice(2);
const tell = (line) => console.log(JSON.stringify(line));

const socket = new Socket(`ws://${server}/ws/chat/${room}?user_id=${user}`);

socket.onopen = async () => {
  const answer = await fetch(`http://${server}/api/v1/chat/rooms/${room}/messages`, {
    method: "POST",
    body: JSON.stringify({ user_id: Number(user), message: text }),
  });
  tell({ status: answer.status, answer: await answer.json() });
};

socket.onmessage = (event) => {
  const frame = JSON.parse(event.data);
  tell({ frame });
  if (frame.type === "message") socket.close();
};

socket.onclose = (event) => tell({ closed: event.code });
