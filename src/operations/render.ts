import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { layers } from '../components/index.ts';
import { assumedFacts, type Hardware } from '../host/assumed-facts.ts';
import { loadCluster } from '../spec/cluster.ts';

/** Writes every file that `apply` would put on the hosts to DIRECTORY/HOST/PATH, without touching a host. @returns the paths. */
export async function render(specPath: string, directory: string, hardware: Hardware): Promise<string[]> {
  const { spec, secrets } = await loadCluster(specPath);
  const facts = assumedFacts(hardware);
  const files = spec.hosts.flatMap((host) =>
    layers({ spec, secrets, host, facts })
      .flatMap((layer) => layer.resources)
      .flatMap(({ rendered }) => (rendered === undefined ? [] : [{ host: host.name, ...rendered }])),
  );
  for (const { host, path, content, isSecret } of files) {
    const target = join(directory, host, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content, { mode: isSecret ? 0o600 : 0o644 });
  }
  return files.map(({ host, path }) => join(directory, host, path));
}
