/**
 * `npm run check`: the checker on the command line. Exits with 0, with 1 when something does not add up, or with 2 when it
 * could not check.
 */
import { readKafkaConfig } from '@rideflow/shared/config.ts';
import { security } from '@rideflow/shared/kafka/client/connect.ts';
import { check, format } from './check/check.ts';
import { help, type Options, readOptions } from './check/options.ts';
import { askForStatistics, mailbox, readAccepted, readStatisticsFile } from './check/sources.ts';

async function main(options: Options): Promise<number> {
  const { stats, accepted, brokers } = options;
  const config = readKafkaConfig(process.env, brokers);
  const box = options.mailbox === null ? null : mailbox(options.mailbox, options.mailsSince);
  const report = await check({
    brokers: config.KAFKA_BROKERS,
    connection: security(config),
    mails: box?.mails ?? null,
    mailsSince: box?.mailsSince,
    stats:
      stats && (async () => ('url' in stats ? askForStatistics(stats.url) : readStatisticsFile(stats.file))),
    accepted: accepted === undefined ? undefined : await readAccepted(accepted),
    from: options.from,
    waitMs: options.wait,
  });
  process.stdout.write(`${options.json ? JSON.stringify(report, null, 2) : format(report)}\n`);
  return report.ok ? 0 : 1;
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(help);
  else process.exitCode = await main(options);
} catch (error) {
  const { name, message } = error as Error;
  process.stderr.write(
    `${name === 'BadInput' || name === 'ConfigError' ? '' : 'Could not check: '}${message}\n`,
  );
  process.exitCode = 2;
}
