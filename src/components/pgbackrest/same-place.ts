import type { Repository } from './spec.ts';

/** Whether two repositories are one folder of one store: two archives of one name there would be one archive. Pure. */
export function isSamePlace(one: Repository, other: Repository): boolean {
  return placeOf(one) === placeOf(other);
}

function placeOf(repository: Repository): string {
  const path = repository.path.replaceAll(/\/+(?=\/|$)/gu, '');
  return JSON.stringify([repository.type, ...store(repository), path]);
}

function store(repository: Repository): readonly (string | number | undefined)[] {
  switch (repository.type) {
    case 's3':
      return [repository.endpoint.toLowerCase(), repository.port ?? 443, repository.bucket];
    case 'posix':
      return [];
    case 'sftp':
      return [repository.host.toLowerCase(), repository.port];
    case 'azure':
      return [repository.account, repository.container];
    case 'gcs':
      return [repository.bucket];
  }
}
