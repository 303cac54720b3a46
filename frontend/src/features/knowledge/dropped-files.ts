const HIDDEN = /^(\.|Thumbs\.db$|desktop\.ini$)/i;

const isWanted = ({ name }: File | FileSystemEntry) => !HIDDEN.test(name);

const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => entry.file(resolve, reject));

const someOf = (reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> =>
  new Promise((resolve, reject) => reader.readEntries(resolve, reject));

async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const entries: FileSystemEntry[] = [];
  // A reader gives some at a time, and none at the end.
  for (let some = await someOf(reader); some.length > 0; some = await someOf(reader)) {
    entries.push(...some);
  }
  return entries;
}

async function filesWithin(entry: FileSystemEntry): Promise<File[]> {
  if (!isWanted(entry)) return [];
  if (entry.isFile) return [await fileOf(entry as FileSystemFileEntry)];
  const inside = await entriesOf(entry as FileSystemDirectoryEntry);
  return (await Promise.all(inside.map(filesWithin))).flat();
}

/** The files that were dropped, those in folders too, without what systems hide in them. */
export async function droppedFiles(data: DataTransfer): Promise<File[]> {
  // The list is emptied when the event is over: all of it is read before the first wait.
  const entries = [...data.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  const plain = [...data.files].filter(isWanted);
  const within = entries.filter((entry) => entry !== null);
  if (within.length === 0) return plain;
  return (await Promise.all(within.map(filesWithin))).flat();
}

export const chosenFiles = (list: FileList | null): File[] => [...(list ?? [])].filter(isWanted);
