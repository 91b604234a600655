/** `npm run observability`: writes the dashboards and the alert rules in infra/observability. */
import { type Generated, writeOrCheck } from './generated.ts';
import { generatedFiles } from './observability/files.ts';

const help = `npm run observability              writes the dashboards of Grafana and the alert rules of Prometheus
npm run observability -- --check   only says which of them are stale, and then exits with 1

  --help  shows this text

They follow from infra/observability/dashboards.ts and infra/observability/rules.ts.
`;

export const generated: Generated = {
  folder: 'observability',
  own: ['rules.yml', 'dashboards/*.json'],
  files: generatedFiles,
};

if (import.meta.main) writeOrCheck('npm run observability', help, generated);
