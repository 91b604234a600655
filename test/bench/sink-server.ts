/**
 * A mail server that accepts every mail and keeps none, in a separate process, because only the sender is measured. Supports
 * as much of SMTP (RFC 5321) as a well-behaved client needs.
 */
import { type AddressInfo, createServer, type Socket } from 'node:net';

const endOfMail = '\r\n.\r\n';
let mails = 0;
let open = 0;
let most = 0;

function serve(socket: Socket) {
  let text = '';
  let inMail = false;
  most = Math.max(most, ++open);
  socket.on('close', () => open--);
  socket.on('error', () => {});
  socket.setNoDelay(true);
  socket.setEncoding('latin1');
  socket.write('220 sink\r\n');
  socket.on('data', (piece: unknown) => {
    text += piece;
    let replies = ''; // to commands that came together: one write (RFC 2920)
    for (;;) {
      const end = inMail ? text.indexOf(endOfMail) : text.indexOf('\r\n');
      if (end < 0) break;
      const line = inMail ? '' : text.slice(0, end);
      text = text.slice(end + (inMail ? endOfMail.length : 2));
      if (inMail) {
        inMail = false;
        mails++;
        replies += '250 taken\r\n';
      } else if (/^data$/i.test(line)) {
        inMail = true;
        replies += '354 go on\r\n';
      } else if (/^ehlo/i.test(line)) replies += '250-sink\r\n250 PIPELINING\r\n';
      else if (/^quit/i.test(line)) return socket.end(`${replies}221 bye\r\n`);
      else replies += '250 fine\r\n';
    }
    if (replies !== '') socket.write(replies);
  });
}

const server = createServer(serve).listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
process.on('message', () => {
  process.send?.({ mails, most });
  most = open;
});
