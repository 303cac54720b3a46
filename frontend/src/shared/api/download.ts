import { baseApi } from "./base-api";

interface Download {
  url: string;
  /** What the file is called on the person's machine. */
  name: string;
}

/** Hand a file to the person, as a click on a link to it would. */
export function saveFile(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

// A link of the page would come without the access token, which must not stand in an address.
const withDownload = baseApi.injectEndpoints({
  endpoints: (build) => ({
    download: build.mutation<null, Download>({
      query: ({ url, name }) => ({
        url,
        responseHandler: async (response) => {
          if (!response.ok) return response.json();
          saveFile(await response.blob(), name);
          return null;
        },
      }),
    }),
  }),
});

export const { useDownloadMutation } = withDownload;
