import { type Chunk, api as generated, type ListOfChunk } from "@/shared/api/inside";

const PAGE = 100;

/** Where a chunk stands; its words are the text's. */
export type ChunkPlace = Omit<Chunk, "text">;

const withAll = generated.injectEndpoints({
  endpoints: (build) => ({
    // By revision: when another one answers, they are others.
    allChunks: build.query<ChunkPlace[], { documentId: string; revision: number }>({
      async queryFn({ documentId }, _api, _options, fetch) {
        const chunks: ChunkPlace[] = [];
        for (let cursor: string | null = ""; cursor !== null; ) {
          const params: Record<string, string | number> = {
            limit: PAGE,
            ...(cursor && { cursor }),
          };
          const url = `/api/v1/documents/${documentId}/chunks`;
          const { data, error } = await fetch({ url, params });
          if (error) return { error };
          const page = data as ListOfChunk;
          chunks.push(...page.data.map(({ text: _, ...place }) => place));
          cursor = page.next_cursor;
        }
        return { data: chunks };
      },
    }),
  }),
});

export const { useAllChunksQuery } = withAll;
