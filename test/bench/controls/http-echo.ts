/** Bare node:http: bytes come in and go out. What this costs no server of this kind can save. */
import { createServer } from 'node:http';

createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => response.end(Buffer.concat(chunks)));
}).listen(Number(process.env.PORT));
