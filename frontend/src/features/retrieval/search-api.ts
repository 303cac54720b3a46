import { api as generated, type SearchResult } from "@/shared/api/inside";
import { MODES, type Mode } from "./modes";

export interface Asked {
  botId: string;
  query: string;
  /** Passages a search; null as the bot has it. */
  k: number | null;
  /** Of this document only. */
  documentId: string | null;
}

// A search is a POST, but asks: its answer is kept and shared like any other.
const withSearch = generated.injectEndpoints({
  endpoints: (build) => ({
    labSearch: build.query<SearchResult, Asked & { mode: Mode }>({
      query: ({ botId, query, k, documentId, mode }) => ({
        url: `/api/v1/bots/${botId}/search`,
        method: "POST",
        body: {
          query,
          mode,
          k,
          filter: documentId === null ? null : { document_ids: [documentId], metadata: {} },
        },
      }),
      providesTags: ["Search"],
    }),
  }),
});

const { useLabSearchQuery } = withSearch;

/** Where one of the searches stands; `currentData` is the answer to this question, not to the one before. */
export interface Search {
  currentData?: SearchResult;
  error?: unknown;
  isError: boolean;
  isFetching: boolean;
  refetch: () => unknown;
}

/** The same question searched for in every way at once. */
export function useSearches(asked: Asked): Record<Mode, Search> & { again: () => void } {
  const options = { skip: asked.query === "", refetchOnMountOrArgChange: true };
  const hybrid = useLabSearchQuery({ ...asked, mode: "hybrid" }, options);
  const vector = useLabSearchQuery({ ...asked, mode: "vector" }, options);
  const keyword = useLabSearchQuery({ ...asked, mode: "keyword" }, options);
  const all = { hybrid, vector, keyword };
  const again = () => {
    for (const mode of MODES) void all[mode].refetch();
  };
  return { ...all, again };
}
