/** What the package registry knows of weaknesses in what the services run on. */
import { execFile } from 'node:child_process';

export interface Advisory {
  package: string;
  severity: string;
  title: string;
}

interface Audit {
  vulnerabilities?: Record<string, { severity: string; via: (string | { title: string })[] }>;
  error?: { summary?: string };
  message?: string;
}

/** The advisories, or why there is no answer: not every registry offers them. */
export async function advisories(): Promise<Advisory[] | { none: string }> {
  const output = await new Promise<string>((resolve) =>
    // npm ends with 1 when it has found something, too.
    execFile('npm', ['audit', '--omit=dev', '--json'], { timeout: 60_000 }, (_error, stdout) =>
      resolve(stdout),
    ),
  );
  return readAudit(output);
}

export function readAudit(output: string): Advisory[] | { none: string } {
  let audit: Audit;
  try {
    audit = JSON.parse(output);
  } catch {
    return { none: 'npm audit gave no answer' };
  }
  if (!audit.vulnerabilities) {
    const why = (audit.message ?? audit.error?.summary ?? 'no reason').replaceAll(
      /https?:\/\/\S+/g,
      'its address',
    );
    return { none: `the registry offers none (${why.trim()})` };
  }
  return Object.entries(audit.vulnerabilities).flatMap(([name, { severity, via }]) =>
    via.flatMap((one) => (typeof one === 'string' ? [] : { package: name, severity, title: one.title })),
  );
}
