/** `npm run kubernetes`: writes the manifests in infra/kubernetes from the topology, the permissions and the configuration. */
import { type Generated, writeOrCheck } from './generated.ts';
import { manifests } from './kubernetes/files.ts';

const help = `npm run kubernetes              writes the manifests in infra/kubernetes
npm run kubernetes -- --check   only says which of them are stale, and then exits with 1

  --help  shows this text

They follow from shared/src/topology.ts, infra/acls/derive.ts, the settings of each service and infra/kubernetes/plan.ts, which has
the numbers that one changes. See infra/kubernetes/README.md.
`;

export const generated: Generated = {
  folder: 'kubernetes',
  own: ['{base,overlays,components}/**/*.yaml'],
  files: manifests,
};

if (import.meta.main) writeOrCheck('npm run kubernetes', help, generated);
