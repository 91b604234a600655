/** Classifies errors of the SMTP server: is the mail rejected permanently, or can it be sent again? */

/** The used fields of a nodemailer error. */
export interface SmtpError {
  message: string;
  /** The error code of nodemailer, such as EENVELOPE, or of the system, such as ECONNREFUSED. */
  code?: string;
  /** The SMTP command: CONN, EHLO, STARTTLS, AUTH PLAIN, MAIL FROM, RCPT TO, DATA, or API for an error of nodemailer itself. */
  command?: string;
  /** The reply of the server, and its code. */
  response?: string;
  responseCode?: number;
}

export interface Meaning {
  /** True: this mail can never be sent. False: wait and retry. */
  permanent: boolean;
  /** What happened and what to check, for a person to read. */
  text: string;
}

/**
 * Only a 5xx reply about this recipient or this mail is permanent. A 5xx reply about us (no login, wrong sender, no relaying,
 * unknown command) would affect every mail and turn each into a dead letter, so those mails wait instead. Reply codes are from
 * RFC 5321 and RFC 4954, enhanced codes from RFC 3463 and RFC 5248.
 * @param server host and port, for the text
 */
export function meaning(error: SmtpError, server: string): Meaning {
  const reply = error.response ?? error.message;
  const { responseCode: code = 0 } = error;
  if (code < 500) {
    if (aboutOurMail(error)) return { permanent: true, text: error.message };
    const text = code >= 400 ? `deferred the mail: ${reply}` : `did not confirm the mail: ${error.message}`;
    return { permanent: false, text: `the SMTP server ${server} ${text}` };
  }
  if (isAboutThisMail(error.command ?? '', code, reply)) {
    return { permanent: true, text: `the SMTP server permanently rejected this mail: ${reply}` };
  }
  return {
    permanent: false,
    text: `the SMTP server ${server} accepts no mail from this service, so the mail waits. Check SMTP_URL and MAIL_FROM: ${reply}`,
  };
}

/** nodemailer itself rejected the recipient's address, or the mail is larger than the server accepts. */
const aboutOurMail = ({ code, command, responseCode }: SmtpError) =>
  responseCode === undefined &&
  ((code === 'EENVELOPE' && command === 'API') || (code === 'EMESSAGE' && command === 'MAIL FROM'));

function isAboutThisMail(command: string, code: number, reply: string): boolean {
  // Before RCPT TO, nothing depends on the mail, because every mail has the same sender.
  if (command !== 'RCPT TO' && command !== 'DATA') return false;
  const words = reply.replace(/<[^>]*>|\S+@\S+/g, ''); // the address of a recipient may be relay@example.com
  if (aboutUs.test(reply) || aboutUsInWords.test(words)) return false;
  if (code === 501) return command === 'RCPT TO'; // the only argument is the recipient's address
  if (code === 555) return false; // unsupported parameters of MAIL or RCPT
  const kind = Math.floor(code / 10);
  return kind !== 50 && kind !== 52 && kind !== 53; // syntax, the connection, authentication
}

/**
 * Enhanced codes about the sender (1.7, 1.8), the mail system (3.x, except 3.4 message too big), the login (7.8, 7.9, 7.11) or
 * our DNS records (7.20 to 7.27).
 */
const aboutUs = /^5\d\d[ -]5\.(?:1\.[78]|3\.[0-35-9]|7\.(?:8|9|11|2[0-7]))\b/;

/** Many servers delay such rejections until RCPT TO, use code 554 5.7.1 for all of them, and only differ in the text. */
const aboutUsInWords =
  /\brelay(?:ing)?\b|client host|helo command|sender address|authentication (?:is )?required/i;
