/** What an error from the SMTP server means: will this one mail never be taken, or can it be sent again? */

/** The parts of a nodemailer error that count. */
export interface SmtpError {
  message: string;
  /** nodemailer's kind of error, such as EENVELOPE, or the system's, such as ECONNREFUSED. */
  code?: string;
  /** What was being said: CONN, EHLO, STARTTLS, AUTH PLAIN, MAIL FROM, RCPT TO, DATA, or API for a refusal of our own. */
  command?: string;
  /** The server's reply and its code. */
  response?: string;
  responseCode?: number;
}

export interface Meaning {
  /** True: this mail can never be sent. False: wait and try again. */
  permanent: boolean;
  /** For a person: what happened, and what to look at. */
  text: string;
}

/**
 * Only a 5xx reply about this recipient or this mail is permanent. A 5xx reply about us (not logged in, wrong sender, no relaying,
 * a command that the server does not know) would meet every mail, so each would become a dead letter: those wait instead.
 * Reply codes are those of RFC 5321 and RFC 4954, enhanced ones of RFC 3463 and RFC 5248.
 * @param server host and port, for the text
 */
export function meaning(error: SmtpError, server: string): Meaning {
  const reply = error.response ?? error.message;
  const { responseCode: code = 0 } = error;
  if (code < 500) {
    if (aboutOurMail(error)) return { permanent: true, text: error.message };
    const text = code >= 400 ? `put the mail off: ${reply}` : `did not confirm the mail: ${error.message}`;
    return { permanent: false, text: `the SMTP server ${server} ${text}` };
  }
  if (isAboutThisMail(error.command ?? '', code, reply)) {
    return { permanent: true, text: `the SMTP server refused this mail for good: ${reply}` };
  }
  return {
    permanent: false,
    text: `the SMTP server ${server} takes no mail from this service, so it waits; check SMTP_URL and MAIL_FROM: ${reply}`,
  };
}

/** nodemailer itself found the recipient's address unusable or the mail larger than the server accepts. */
const aboutOurMail = ({ code, command, responseCode }: SmtpError) =>
  responseCode === undefined &&
  ((code === 'EENVELOPE' && command === 'API') || (code === 'EMESSAGE' && command === 'MAIL FROM'));

function isAboutThisMail(command: string, code: number, reply: string): boolean {
  // Before RCPT TO nothing that the server has heard depends on the mail: every mail has the same sender.
  if (command !== 'RCPT TO' && command !== 'DATA') return false;
  const words = reply.replace(/<[^>]*>|\S+@\S+/g, ''); // a recipient may be called relay@example.com
  if (aboutUs.test(reply) || aboutUsInWords.test(words)) return false;
  if (code === 501) return command === 'RCPT TO'; // the only argument there is the recipient's address
  if (code === 555) return false; // parameters of MAIL or RCPT that the server does not know
  const kind = Math.floor(code / 10);
  return kind !== 50 && kind !== 52 && kind !== 53; // syntax, the connection, authentication
}

/**
 * Enhanced codes that speak of the sender (1.7, 1.8), of the mail system as a whole (3.x, save 3.4 message too big),
 * of the login (7.8, 7.9, 7.11) or of who we are in the DNS (7.20 to 7.27).
 */
const aboutUs = /^5\d\d[ -]5\.(?:1\.[78]|3\.[0-35-9]|7\.(?:8|9|11|2[0-7]))\b/;

/** Many servers hold such refusals back until RCPT TO and tell them apart in words only, with code 554 5.7.1. */
const aboutUsInWords =
  /\brelay(?:ing)?\b|client host|helo command|sender address|authentication (?:is )?required/i;
