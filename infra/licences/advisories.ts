/** Known vulnerabilities of the packages that the services need, from the package registry. */
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

/** The advisories, or why there are none: not every registry offers them. */
export async function advisories(): Promise<Advisory[] | { none: string }> {
  const output = await new Promise<string>((resolve) =>
    // npm also exits with 1 when it finds advisories.
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
    return { none: 'npm audit printed no JSON' };
  }
  if (!audit.vulnerabilities) {
    const why = (audit.message ?? audit.error?.summary ?? 'no reason').replaceAll(
      /https?:\/\/\S+/g,
      'its address',
    );
    return { none: `the registry offers no advisories (${why.trim()})` };
  }
  return Object.entries(audit.vulnerabilities).flatMap(([name, { severity, via }]) =>
    via.flatMap((one) => (typeof one === 'string' ? [] : { package: name, severity, title: one.title })),
  );
}
