// What tests start in namespaces: somebody who says who asked, and somebody who asks. Plain JavaScript, so that it starts at once.
//   probe.mjs listen PORT [ADDRESS…]               answers UDP and TCP with the address and the port that it sees; says "ready"
//   probe.mjs ask SOURCE-PORT TARGET…              UDP from one socket to each ADDRESS@PORT; a line of JSON with the answers
//   probe.mjs connect ADDRESS PORT                 TCP; the answer, or nothing
import { createSocket } from "node:dgram";
import { connect, createServer } from "node:net";

/** Milliseconds; ten times the way there and back over two lines. */
const PATIENCE = 800;

const [what, ...args] = process.argv.slice(2);

/** IPv4 as it is written elsewhere. */
const plain = (address) => address.replace(/^::ffff:/, "");

/** UDP answers come from the address that was asked only where the socket has no other. */
function answerUdp(port, address) {
  const udp = createSocket({ type: address.includes(":") ? "udp6" : "udp4" });
  udp.on("message", (_, from) => udp.send(`${plain(from.address)}@${from.port}`, from.port, from.address));
  return new Promise((resolve) => udp.bind(port, address, resolve));
}

async function listen(port, addresses) {
  const tcp = createServer((socket) => {
    socket.on("error", () => {});
    socket.end(`${plain(socket.remoteAddress ?? "")}@${socket.remotePort}`);
  });
  await new Promise((resolve) => tcp.listen(port, "::", resolve));
  await Promise.all(addresses.map((address) => answerUdp(port, address)));
  console.log("ready");
}

function ask(port, targets) {
  const answers = {};
  const socket = createSocket({ type: "udp6" });
  const end = () => {
    console.log(JSON.stringify(answers));
    process.exit(0);
  };
  socket.on("message", (text, from) => {
    answers[`${plain(from.address)}@${from.port}`] = String(text);
    if (Object.keys(answers).length === targets.length) end();
  });
  socket.bind(port, "::", () => {
    for (const target of targets) {
      const [address, to] = target.split("@");
      socket.send("who", Number(to), address.includes(":") ? address : `::ffff:${address}`, () => {});
    }
    setTimeout(end, PATIENCE);
  });
}

function reach(address, port) {
  const socket = connect(port, address);
  socket.on("data", (text) => console.log(String(text)));
  socket.on("error", () => process.exit(1));
  socket.on("close", () => process.exit(0));
  setTimeout(() => process.exit(1), PATIENCE);
}

if (what === "listen") await listen(Number(args[0]), args.length > 1 ? args.slice(1) : ["::"]);
else if (what === "ask") ask(Number(args[0]), args.slice(1));
else reach(args[0], Number(args[1]));
