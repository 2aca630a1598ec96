import { z } from 'zod';

import { sh } from '../host/command.ts';
import { MARKER_FILE } from '../spec/layout.ts';
import { resource, type Resource } from './resource.ts';

const markerSchema = z.object({ cluster: z.string() });

/** The cluster that a host belongs to, by the text of its marker file. */
export function markedCluster(marker: string): string {
  return markerSchema.parse(JSON.parse(marker)).cluster;
}

interface MarkerState {
  /** The cluster that this host belongs to, by the marker file. */
  cluster: string | undefined;
  /** Whether the data directory of this cluster has anything in it. */
  hasData: boolean;
}

/**
 * Says to which cluster a host belongs. It is written before anything else, so that a data directory found later is known
 * to be ours; a host of another cluster, or one with a data directory but without the marker, is foreign.
 */
export function clusterMarker(cluster: string, dataDirectory: string): Resource {
  const content = `${JSON.stringify({ cluster, note: 'Managed by pgscale' })}\n`;
  return resource<MarkerState>({
    id: 'cluster-marker',
    read: async (reader) => {
      const [found, listing] = await Promise.all([
        reader.readFile(MARKER_FILE),
        reader.read(sh`ls -A ${dataDirectory} 2>/dev/null | head -n 1`),
      ]);
      return {
        cluster: found === undefined ? undefined : markedCluster(found.content),
        hasData: listing.stdout !== '',
      };
    },
    diff: ({ cluster: actual }) =>
      actual === cluster ? undefined : { action: 'create', summary: `take the host into cluster ${cluster}` },
    apply: async (host) => {
      await host.run(sh`install -d -m 0755 ${MARKER_FILE.replace(/\/[^/]+$/u, '')}`);
      await host.writeFile(MARKER_FILE, content, { owner: 'root', group: 'root', mode: '0644' });
    },
    foreign: (actual) => {
      if (actual.cluster !== undefined) return `the host belongs to cluster ${actual.cluster} (${MARKER_FILE})`;
      return actual.hasData ? `${dataDirectory} holds data that pgscale did not write` : undefined;
    },
  });
}
