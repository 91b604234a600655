/** Plain node:http: echoes bytes. No Node server can cost less. */
import { createServer } from 'node:http';

createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => response.end(Buffer.concat(chunks)));
}).listen(Number(process.env.PORT));
