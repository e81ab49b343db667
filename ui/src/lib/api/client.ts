// Typed calls of the command table.

import { CallError, type Host, type Session } from "../host/host.ts";
import { decodeTable, type TableData } from "../format/table.ts";
import type { Commands, ErrorBody } from "./generated.ts";

type Named<Kind> = { [Name in keyof Commands]: Commands[Name]["kind"] extends Kind ? Name : never }[keyof Commands];
export type QueryName = Named<"query">;
export type TableName = Named<"table">;
export type StreamName = Named<"stream">;
export type Request<Name extends keyof Commands> = Commands[Name]["request"];
export type Reply<Name extends keyof Commands> = Commands[Name]["reply"];

export interface TableReply<Info> {
  info: Info;
  data: TableData;
}

export class Client {
  readonly #host: Host;
  constructor(host: Host) {
    this.#host = host;
  }

  session(): Promise<Session> {
    return this.#host.session();
  }

  /** Asks before the page is closed. See [`Host.guard`]. */
  guard(mayClose: () => boolean, ask: () => void): void {
    this.#host.guard?.(mayClose, ask);
  }

  /** Closes the page without asking again. */
  leave(): void {
    this.#host.leave?.();
  }

  async query<Name extends QueryName>(name: Name, request: Request<Name>): Promise<Reply<Name>> {
    return (await this.#host.query(name, request)) as Reply<Name>;
  }

  async table<Name extends TableName>(name: Name, request: Request<Name>): Promise<TableReply<Reply<Name>>> {
    const { info, data } = decodeTable(await this.#host.table(name, request));
    return { info: info as Reply<Name>, data };
  }

  stream<Name extends StreamName>(
    name: Name,
    request: Request<Name> & { job: string },
    onEvent: (event: Reply<Name>) => void,
  ): Promise<void> {
    return this.#host.stream(name, request, request.job, (event) => onEvent(event as Reply<Name>));
  }
}

/** What to show of anything that was thrown. */
export function errorBody(error: unknown): ErrorBody {
  if (error instanceof CallError) return error.body;
  const message = error instanceof Error ? error.message : String(error);
  return { code: "", message: `the page met a case it should have handled: ${message}`, causes: [], hint: null, diagnostics: [], exit: 1, transient: false };
}
