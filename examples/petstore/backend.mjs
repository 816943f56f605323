// The shop behind the gateway: pets in memory, in words of its own ("animals", "kind", "cost"), so that mapping
// templates have something to do. Node alone, no packages.
//     node backend.mjs [port]        port 9080 unless given; 0 picks a free one
import { createServer } from 'node:http';

const PAGE = 10;
const ANIMALS_MAX = 10_000;
const BODY_BYTES_MAX = 1 << 20;

const animals = new Map();
let last = 0;
for (const [kind, cost] of [['dog', 249.99], ['cat', 124.99], ['fish', 0.99]]) add(kind, cost);

function add(kind, cost) {
  last += 1;
  animals.set(last, { no: last, kind, cost });
  return animals.get(last);
}

function list(query) {
  const page = Math.max(1, Number.parseInt(query.get('page') ?? '1', 10) || 1);
  const all = [...animals.values()].filter((animal) => !query.get('kind') || animal.kind === query.get('kind'));
  return [200, { animals: all.slice((page - 1) * PAGE, page * PAGE), page, total: all.length }];
}

function create(body) {
  const { kind, cost } = JSON.parse(body);
  if (animals.size >= ANIMALS_MAX) return [409, { error: 'the shop is full' }];
  return [201, add(kind, cost)];
}

function one(method, number) {
  const animal = animals.get(number);
  if (!animal) return [404, { error: 'no such animal' }];
  if (method === 'GET') return [200, animal];
  if (method !== 'DELETE') return [405, { error: 'GET or DELETE' }];
  animals.delete(number);
  return [204];
}

// What arrived: shows what the gateway sent.
function echo(request, body) {
  return [200, { method: request.method, url: request.url, headers: request.headers, body }];
}

function answer(request, body) {
  const { pathname, searchParams } = new URL(request.url, 'http://backend');
  const number = pathname.match(/^\/animals\/(\d+)$/)?.[1];
  if (number) return one(request.method, Number(number));
  if (pathname !== '/animals') return echo(request, body);
  return request.method === 'POST' ? create(body) : list(searchParams);
}

function send(response, status, content) {
  const body = content === undefined ? '' : JSON.stringify(content);
  const headers = { 'X-Served-By': 'petstore-backend', 'Content-Length': Buffer.byteLength(body) };
  if (body) headers['Content-Type'] = 'application/json';
  response.writeHead(status, headers).end(body);
}

async function read(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new Error('body too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

const server = createServer(async (request, response) => {
  try {
    const body = await read(request);
    // `/slow?ms=500` waits: for trying time-outs and draining.
    const slow = request.url.match(/^\/slow\?ms=(\d{1,5})$/);
    if (slow) await new Promise((resolve) => setTimeout(resolve, Number(slow[1])));
    send(response, ...answer(request, body));
  } catch (error) {
    send(response, 400, { error: String(error.message) });
  }
});
server.keepAliveTimeout = 75_000;
server.listen(Number(process.argv[2] ?? 9080), '127.0.0.1', () => {
  console.log(`petstore backend on http://127.0.0.1:${server.address().port}`);
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0));
