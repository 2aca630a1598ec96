import { file, type FileDefinition } from '../../resources/file.ts';
import { judgeParameters } from '../../resources/judged-parameters.ts';
import type { Resource } from '../../resources/resource.ts';
import { renderTemplate } from '../../resources/template.ts';
import { POSTGRES } from '../../spec/layout.ts';
import { sharedParameters } from '../../spec/shared-parameters.ts';
import type { Target } from '../component.ts';
import { configurationFile } from './settings.ts';

/** postgresql.conf, judged by the PostgreSQL of the host before it takes the place of the one that is there. */
export function parameterFile(target: Target, owned: Omit<FileDefinition, 'path' | 'content'>): Resource {
  const content = renderTemplate('postgres/postgresql.conf', configurationFile(target));
  const plain = file({ ...owned, path: POSTGRES.configFile, content });
  return {
    ...plain,
    apply: async (host, actual) => {
      await judgeParameters(host, { content, shared: sharedParameters(target.spec) });
      await plain.apply(host, actual);
    },
  };
}
