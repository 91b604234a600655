import { expect, test } from '@jest/globals';
import { meaning } from './refusals.ts';

const forGood = true;
const forNow = false;

test.each<[string, string | undefined, string, boolean]>([
  // command, code of nodemailer, reply, permanent
  ['RCPT TO', 'EENVELOPE', '550 5.1.1 <a@b.c>: Recipient address rejected: User unknown', forGood],
  ['RCPT TO', 'EENVELOPE', '550 No such user', forGood],
  ['RCPT TO', 'EENVELOPE', '550-5.1.1 The account does not exist.\n550 5.1.1 See the help.', forGood],
  ['RCPT TO', 'EENVELOPE', '550 5.1.1 <relay@example.com>: User unknown', forGood],
  ['RCPT TO', 'EENVELOPE', '551 User not local', forGood],
  ['RCPT TO', 'EENVELOPE', '552 5.2.2 Mailbox full', forGood],
  ['RCPT TO', 'EENVELOPE', '553 5.1.3 Mailbox name not allowed', forGood],
  ['RCPT TO', 'EENVELOPE', '554 5.7.1 Recipient address rejected: Access denied', forGood],
  ['RCPT TO', 'EENVELOPE', '556 5.1.10 Recipient address has null MX', forGood],
  ['RCPT TO', 'EENVELOPE', '501 5.1.3 Bad recipient address syntax', forGood],
  ['DATA', 'EMESSAGE', '554 5.7.1 Message rejected as spam', forGood],
  ['DATA', 'EMESSAGE', '552 5.3.4 Message too big', forGood],
  ['DATA', 'EMESSAGE', '550 5.6.0 Message malformed', forGood],

  ['RCPT TO', 'EENVELOPE', '450 4.2.0 Greylisted, try again later', forNow],
  ['RCPT TO', 'EENVELOPE', '452 4.2.2 Mailbox full for now', forNow],
  ['DATA', 'EMESSAGE', '451 4.3.0 Local error in processing', forNow],
  ['MAIL FROM', 'EENVELOPE', '421 4.3.2 Shutting down', forNow],
  ['MAIL FROM', 'EENVELOPE', '530 5.7.0 Authentication required', forNow],
  ['MAIL FROM', 'EENVELOPE', '550 5.1.8 Sender address rejected', forNow],
  ['MAIL FROM', 'EENVELOPE', '552 5.3.4 Message too big', forNow],
  ['AUTH PLAIN', 'EAUTH', '535 5.7.8 Authentication credentials invalid', forNow],
  ['CONN', 'EPROTOCOL', '554 5.7.1 No SMTP service here', forNow],
  ['CONN', 'EPROTOCOL', '521 This host accepts no mail', forNow],
  ['EHLO', 'ECONNECTION', '550 Go away', forNow],
  ['HELO', 'EPROTOCOL', '502 Command not implemented', forNow],
  ['STARTTLS', 'ETLS', '554 TLS not available', forNow],
  ['RSET', 'EPROTOCOL', '500 What?', forNow],
  ['RCPT TO', 'EENVELOPE', '500 Command not recognised', forNow],
  ['RCPT TO', 'EENVELOPE', '502 Command not implemented', forNow],
  ['RCPT TO', 'EENVELOPE', '503 Bad sequence of commands', forNow],
  ['RCPT TO', 'EENVELOPE', '530 5.7.0 Must issue STARTTLS first', forNow],
  ['RCPT TO', 'EENVELOPE', '555 Parameters not recognised', forNow],
  ['RCPT TO', 'EENVELOPE', '554 5.7.1 <a@b.c>: Relay access denied', forNow],
  ['RCPT TO', 'EENVELOPE', '550 5.7.1 Unable to relay', forNow],
  ['RCPT TO', 'EENVELOPE', '554 5.7.1 <host[192.0.2.1]>: Client host rejected: Access denied', forNow],
  ['RCPT TO', 'EENVELOPE', '550 5.1.8 <rides@x.example>: Sender address rejected: Domain not found', forNow],
  ['RCPT TO', 'EENVELOPE', '550 5.3.2 System not accepting network messages', forNow],
  ['DATA', 'EENVELOPE', '503 Bad sequence of commands', forNow],
  ['DATA', 'EMESSAGE', '550 5.7.26 This mail is unauthenticated', forNow],
])('%s %s "%s" is final: %p', (command, code, response, permanent) => {
  const responseCode = Number(response.slice(0, 3));
  const result = meaning(
    { message: `failed: ${response}`, code: code ?? '', command, response, responseCode },
    'h:25',
  );
  expect(result.permanent).toBe(permanent);
  expect(result.text).toContain(response);
});

test.each([
  [{ message: 'connect ECONNREFUSED 127.0.0.1:1025', code: 'ESOCKET', command: 'CONN' }, forNow],
  [{ message: 'getaddrinfo ENOTFOUND mail', code: 'EDNS', command: 'CONN' }, forNow],
  [{ message: 'Greeting never received', code: 'ETIMEDOUT', command: 'CONN' }, forNow],
  [{ message: 'Connection closed unexpectedly', code: 'ECONNECTION', command: 'CONN' }, forNow],
  [{ message: 'Message sending aborted', code: 'EABORT' }, forNow],
  [{ message: 'Invalid recipient "a\\nb"', code: 'EENVELOPE', command: 'API' }, forGood],
  [{ message: 'Message size larger than allowed 100', code: 'EMESSAGE', command: 'MAIL FROM' }, forGood],
])('without a reply of the server, %j is final: %p', (error, permanent) => {
  expect(meaning(error, 'h:25').permanent).toBe(permanent);
});
