export function drillPage(d: unknown): string { return JSON.stringify(d); }
