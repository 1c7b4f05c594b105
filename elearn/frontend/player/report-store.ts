import type { Report, ReportStore } from "./outbox.ts";

const DATABASE = "elearn";
const TABLE = "reports";
/** Claims older than this are of no use to anyone, and nobody should keep ids on a shared machine for ever. */
const KEPT_DAYS = 60;

/** Reports in this browser's IndexedDB; they survive a closed lid and a crash. */
export class BrowserStore implements ReportStore {
  private database: Promise<IDBDatabase> | null = null;

  async put(report: Report): Promise<void> {
    await this.run("readwrite", (table) => table.put(report));
  }

  async remove(id: string): Promise<void> {
    await this.run("readwrite", (table) => table.delete(id));
  }

  async all(names: readonly string[]): Promise<Report[]> {
    const reports = await this.run<Report[]>("readonly", (table) => table.getAll());
    const oldest = Date.now() - KEPT_DAYS * 86_400_000;
    for (const report of reports) if (report.created < oldest) await this.remove(report.id);
    return reports
      .filter((report) => names.includes(report.person) && report.created >= oldest)
      .sort((a, b) => a.created - b.created || a.seq - b.seq);
  }

  private async run<T>(mode: IDBTransactionMode, work: (table: IDBObjectStore) => IDBRequest): Promise<T> {
    this.database ??= open();
    const database = await this.database;
    return new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(TABLE, mode);
      const request = work(transaction.objectStore(TABLE));
      // The page may have no next moment in which the browser would commit by itself.
      transaction.commit?.();
      transaction.oncomplete = () => resolve(request.result as T);
      transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new Error("aborted"));
    });
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(TABLE, { keyPath: "id" });
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error ?? new Error("no IndexedDB"));
  });
}

/** Reports in memory, for browsers that keep no data. They are lost with the page. */
export class MemoryStore implements ReportStore {
  private readonly reports = new Map<string, Report>();

  async put(report: Report): Promise<void> {
    this.reports.set(report.id, report);
  }

  async remove(id: string): Promise<void> {
    this.reports.delete(id);
  }

  async all(names: readonly string[]): Promise<Report[]> {
    return [...this.reports.values()].filter((report) => names.includes(report.person));
  }
}
