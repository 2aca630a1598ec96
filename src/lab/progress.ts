/** Tells the person who waits what is being done. One line, without its end. */
export type Progress = (line: string) => void;

/** The last lines of a log, for an error message. */
export const lastLines = (text: string, count = 12): string => text.trimEnd().split('\n').slice(-count).join('\n');
