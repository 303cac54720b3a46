// Generated from docs/openapi.json by `npm run api`. Do not edit.
import { baseApi as api } from "./base-api";
export const addTagTypes = [
  "API keys",
  "Audit",
  "Accounts",
  "Bots",
  "Chat",
  "Conversations",
  "Crawls",
  "Documents",
  "Search",
  "Instance",
  "Plans and usage",
  "Provider keys",
  "Workspaces",
] as const;
const injectedRtkApi = api
  .enhanceEndpoints({
    addTagTypes,
  })
  .injectEndpoints({
    endpoints: (build) => ({
      listApiKeys: build.query<ListApiKeysApiResponse, ListApiKeysApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/api_keys`,
          params: {
            limit: queryArg.limit,
            cursor: queryArg.cursor,
          },
        }),
        providesTags: ["API keys"],
      }),
      createApiKey: build.mutation<CreateApiKeyApiResponse, CreateApiKeyApiArg>(
        {
          query: (queryArg) => ({
            url: `/api/v1/api_keys`,
            method: "POST",
            body: queryArg.apiKeyInput,
            headers: {
              "idempotency-key": queryArg["idempotency-key"],
            },
          }),
          invalidatesTags: ["API keys"],
        },
      ),
      revokeApiKey: build.mutation<RevokeApiKeyApiResponse, RevokeApiKeyApiArg>(
        {
          query: (queryArg) => ({
            url: `/api/v1/api_keys/${queryArg.keyId}`,
            method: "DELETE",
            headers: {
              "if-match": queryArg["if-match"],
            },
          }),
          invalidatesTags: ["API keys"],
        },
      ),
      getApiKey: build.query<GetApiKeyApiResponse, GetApiKeyApiArg>({
        query: (queryArg) => ({ url: `/api/v1/api_keys/${queryArg.keyId}` }),
        providesTags: ["API keys"],
      }),
      renameApiKey: build.mutation<RenameApiKeyApiResponse, RenameApiKeyApiArg>(
        {
          query: (queryArg) => ({
            url: `/api/v1/api_keys/${queryArg.keyId}`,
            method: "PATCH",
            body: queryArg.apiKeyPatch,
            headers: {
              "if-match": queryArg["if-match"],
            },
          }),
          invalidatesTags: ["API keys"],
        },
      ),
      rotateApiKey: build.mutation<RotateApiKeyApiResponse, RotateApiKeyApiArg>(
        {
          query: (queryArg) => ({
            url: `/api/v1/api_keys/${queryArg.keyId}/rotate`,
            method: "POST",
            body: queryArg.body,
          }),
          invalidatesTags: ["API keys"],
        },
      ),
      listAuditEvents: build.query<
        ListAuditEventsApiResponse,
        ListAuditEventsApiArg
      >({
        query: (queryArg) => ({
          url: `/api/v1/audit_events`,
          params: {
            action: queryArg.action,
            actor: queryArg.actor,
            target: queryArg.target,
            from: queryArg["from"],
            to: queryArg.to,
            limit: queryArg.limit,
            cursor: queryArg.cursor,
          },
        }),
        providesTags: ["Audit"],
      }),
      verifyAuditEvents: build.query<
        VerifyAuditEventsApiResponse,
        VerifyAuditEventsApiArg
      >({
        query: () => ({ url: `/api/v1/audit_events/verification` }),
        providesTags: ["Audit"],
      }),
      endOtherSessions: build.mutation<
        EndOtherSessionsApiResponse,
        EndOtherSessionsApiArg
      >({
        query: () => ({ url: `/api/v1/auth/sessions`, method: "DELETE" }),
        invalidatesTags: ["Accounts"],
      }),
      listSessions: build.query<ListSessionsApiResponse, ListSessionsApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/auth/sessions`,
          params: {
            limit: queryArg.limit,
            cursor: queryArg.cursor,
          },
        }),
        providesTags: ["Accounts"],
      }),
      endSession: build.mutation<EndSessionApiResponse, EndSessionApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/auth/sessions/${queryArg.sessionId}`,
          method: "DELETE",
        }),
        invalidatesTags: ["Accounts"],
      }),
      listBots: build.query<ListBotsApiResponse, ListBotsApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/bots`,
          params: {
            limit: queryArg.limit,
            cursor: queryArg.cursor,
          },
        }),
        providesTags: ["Bots"],
      }),
      createBot: build.mutation<CreateBotApiResponse, CreateBotApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/bots`,
          method: "POST",
          body: queryArg.botCreate,
          headers: {
            "idempotency-key": queryArg["idempotency-key"],
          },
        }),
        invalidatesTags: ["Bots"],
      }),
      configSchema: build.query<ConfigSchemaApiResponse, ConfigSchemaApiArg>({
        query: () => ({ url: `/api/v1/bots/config_schema` }),
        providesTags: ["Bots"],
      }),
      deleteBot: build.mutation<DeleteBotApiResponse, DeleteBotApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/bots/${queryArg.botId}`,
          method: "DELETE",
          headers: {
            "if-match": queryArg["if-match"],
          },
        }),
        invalidatesTags: ["Bots"],
      }),
      getBot: build.query<GetBotApiResponse, GetBotApiArg>({
        query: (queryArg) => ({ url: `/api/v1/bots/${queryArg.botId}` }),
        providesTags: ["Bots"],
      }),
      updateBot: build.mutation<UpdateBotApiResponse, UpdateBotApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/bots/${queryArg.botId}`,
          method: "PATCH",
          body: queryArg.botPatch,
          headers: {
            "if-match": queryArg["if-match"],
          },
        }),
        invalidatesTags: ["Bots"],
      }),
      chat: build.mutation<ChatApiResponse, ChatApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/bots/${queryArg.botId}/chat`,
          method: "POST",
          body: queryArg.chat,
          headers: {
            "idempotency-key": queryArg["idempotency-key"],
          },
        }),
        invalidatesTags: ["Chat"],
      }),
      listConversations: build.query<
        ListConversationsApiResponse,
        ListConversationsApiArg
      >({
        query: (queryArg) => ({
          url: `/api/v1/bots/${queryArg.botId}/conversations`,
          params: {
            limit: queryArg.limit,
            cursor: queryArg.cursor,
            q: queryArg.q,
            status: queryArg.status,
            from: queryArg["from"],
            to: queryArg.to,
            feedback: queryArg.feedback,
            degraded: queryArg.degraded,
            who: queryArg.who,
          },
        }),
        providesTags: ["Conversations"],
      }),
      startConversation: build.mutation<
        StartConversationApiResponse,
        StartConversationApiArg
      >({
        query: (queryArg) => ({
          url: `/api/v1/bots/${queryArg.botId}/conversations`,
          method: "POST",
          body: queryArg.body,
          headers: {
            "idempotency-key": queryArg["idempotency-key"],
          },
        }),
        invalidatesTags: ["Conversations"],
      }),
      listCrawls: build.query<ListCrawlsApiResponse, ListCrawlsApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/bots/${queryArg.botId}/crawls`,
          params: {
            limit: queryArg.limit,
            cursor: queryArg.cursor,
          },
        }),
        providesTags: ["Crawls"],
      }),
      startCrawl: build.mutation<StartCrawlApiResponse, StartCrawlApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/bots/${queryArg.botId}/crawls`,
          method: "POST",
          body: queryArg.newCrawl,
          headers: {
            "idempotency-key": queryArg["idempotency-key"],
          },
        }),
        invalidatesTags: ["Crawls"],
      }),
      listDocuments: build.query<ListDocumentsApiResponse, ListDocumentsApiArg>(
        {
          query: (queryArg) => ({
            url: `/api/v1/bots/${queryArg.botId}/documents`,
            params: {
              status: queryArg.status,
              q: queryArg.q,
              limit: queryArg.limit,
              cursor: queryArg.cursor,
            },
          }),
          providesTags: ["Documents"],
        },
      ),
      addDocuments: build.mutation<AddDocumentsApiResponse, AddDocumentsApiArg>(
        {
          query: (queryArg) => ({
            url: `/api/v1/bots/${queryArg.botId}/documents`,
            method: "POST",
            body: queryArg.body,
            headers: {
              "idempotency-key": queryArg["idempotency-key"],
            },
          }),
          invalidatesTags: ["Documents"],
        },
      ),
      search: build.mutation<SearchApiResponse, SearchApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/bots/${queryArg.botId}/search`,
          method: "POST",
          body: queryArg.search,
        }),
        invalidatesTags: ["Search"],
      }),
      getSummary: build.query<GetSummaryApiResponse, GetSummaryApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/bots/${queryArg.botId}/summary`,
        }),
        providesTags: ["Bots"],
      }),
      listVersions: build.query<ListVersionsApiResponse, ListVersionsApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/bots/${queryArg.botId}/versions`,
          params: {
            limit: queryArg.limit,
            cursor: queryArg.cursor,
          },
        }),
        providesTags: ["Bots"],
      }),
      createVersion: build.mutation<
        CreateVersionApiResponse,
        CreateVersionApiArg
      >({
        query: (queryArg) => ({
          url: `/api/v1/bots/${queryArg.botId}/versions`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Bots"],
      }),
      publishVersion: build.mutation<
        PublishVersionApiResponse,
        PublishVersionApiArg
      >({
        query: (queryArg) => ({
          url: `/api/v1/bots/${queryArg.botId}/versions/${queryArg["number"]}/publish`,
          method: "POST",
        }),
        invalidatesTags: ["Bots"],
      }),
      deleteConversation: build.mutation<
        DeleteConversationApiResponse,
        DeleteConversationApiArg
      >({
        query: (queryArg) => ({
          url: `/api/v1/conversations/${queryArg.conversationId}`,
          method: "DELETE",
          headers: {
            "if-match": queryArg["if-match"],
          },
        }),
        invalidatesTags: ["Conversations"],
      }),
      getConversation: build.query<
        GetConversationApiResponse,
        GetConversationApiArg
      >({
        query: (queryArg) => ({
          url: `/api/v1/conversations/${queryArg.conversationId}`,
        }),
        providesTags: ["Conversations"],
      }),
      renameConversation: build.mutation<
        RenameConversationApiResponse,
        RenameConversationApiArg
      >({
        query: (queryArg) => ({
          url: `/api/v1/conversations/${queryArg.conversationId}`,
          method: "PATCH",
          body: queryArg.conversationPatch,
          headers: {
            "if-match": queryArg["if-match"],
          },
        }),
        invalidatesTags: ["Conversations"],
      }),
      listMessages: build.query<ListMessagesApiResponse, ListMessagesApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/conversations/${queryArg.conversationId}/messages`,
          params: {
            order: queryArg.order,
            limit: queryArg.limit,
            cursor: queryArg.cursor,
          },
        }),
        providesTags: ["Conversations"],
      }),
      createMessage: build.mutation<
        CreateMessageApiResponse,
        CreateMessageApiArg
      >({
        query: (queryArg) => ({
          url: `/api/v1/conversations/${queryArg.conversationId}/messages`,
          method: "POST",
          body: queryArg.messageCreate,
          headers: {
            "idempotency-key": queryArg["idempotency-key"],
          },
        }),
        invalidatesTags: ["Chat"],
      }),
      getCrawl: build.query<GetCrawlApiResponse, GetCrawlApiArg>({
        query: (queryArg) => ({ url: `/api/v1/crawls/${queryArg.crawlId}` }),
        providesTags: ["Crawls"],
      }),
      stopCrawl: build.mutation<StopCrawlApiResponse, StopCrawlApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/crawls/${queryArg.crawlId}/stop`,
          method: "POST",
        }),
        invalidatesTags: ["Crawls"],
      }),
      deleteDocument: build.mutation<
        DeleteDocumentApiResponse,
        DeleteDocumentApiArg
      >({
        query: (queryArg) => ({
          url: `/api/v1/documents/${queryArg.documentId}`,
          method: "DELETE",
          headers: {
            "if-match": queryArg["if-match"],
          },
        }),
        invalidatesTags: ["Documents"],
      }),
      getDocument: build.query<GetDocumentApiResponse, GetDocumentApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/documents/${queryArg.documentId}`,
        }),
        providesTags: ["Documents"],
      }),
      updateDocument: build.mutation<
        UpdateDocumentApiResponse,
        UpdateDocumentApiArg
      >({
        query: (queryArg) => ({
          url: `/api/v1/documents/${queryArg.documentId}`,
          method: "PATCH",
          body: queryArg.documentPatch,
          headers: {
            "if-match": queryArg["if-match"],
          },
        }),
        invalidatesTags: ["Documents"],
      }),
      cancel: build.mutation<CancelApiResponse, CancelApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/documents/${queryArg.documentId}/cancel`,
          method: "POST",
        }),
        invalidatesTags: ["Documents"],
      }),
      listChunks: build.query<ListChunksApiResponse, ListChunksApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/documents/${queryArg.documentId}/chunks`,
          params: {
            limit: queryArg.limit,
            cursor: queryArg.cursor,
          },
        }),
        providesTags: ["Documents"],
      }),
      replaceContent: build.mutation<
        ReplaceContentApiResponse,
        ReplaceContentApiArg
      >({
        query: (queryArg) => ({
          url: `/api/v1/documents/${queryArg.documentId}/content`,
          method: "PUT",
          body: queryArg.textDocument,
          headers: {
            "if-match": queryArg["if-match"],
          },
        }),
        invalidatesTags: ["Documents"],
      }),
      getDiagnosis: build.query<GetDiagnosisApiResponse, GetDiagnosisApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/documents/${queryArg.documentId}/diagnosis`,
        }),
        providesTags: ["Documents"],
      }),
      reprocess: build.mutation<ReprocessApiResponse, ReprocessApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/documents/${queryArg.documentId}/reprocess`,
          method: "POST",
        }),
        invalidatesTags: ["Documents"],
      }),
      getText: build.query<GetTextApiResponse, GetTextApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/documents/${queryArg.documentId}/text`,
          params: {
            revision: queryArg.revision,
          },
        }),
        providesTags: ["Documents"],
      }),
      getErasure: build.query<GetErasureApiResponse, GetErasureApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/erasures/${queryArg.erasureId}`,
        }),
        providesTags: ["Audit"],
      }),
      deleteMe: build.mutation<DeleteMeApiResponse, DeleteMeApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/me`,
          method: "DELETE",
          body: queryArg.accountRemoval,
          headers: {
            "if-match": queryArg["if-match"],
          },
        }),
        invalidatesTags: ["Accounts"],
      }),
      updateMe: build.mutation<UpdateMeApiResponse, UpdateMeApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/me`,
          method: "PATCH",
          body: queryArg.profilePatch,
          headers: {
            "if-match": queryArg["if-match"],
          },
        }),
        invalidatesTags: ["Accounts"],
      }),
      changePassword: build.mutation<
        ChangePasswordApiResponse,
        ChangePasswordApiArg
      >({
        query: (queryArg) => ({
          url: `/api/v1/me/password`,
          method: "PUT",
          body: queryArg.passwordChange,
        }),
        invalidatesTags: ["Accounts"],
      }),
      removeTotp: build.mutation<RemoveTotpApiResponse, RemoveTotpApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/me/totp`,
          method: "DELETE",
          body: queryArg.factorRemoval,
        }),
        invalidatesTags: ["Accounts"],
      }),
      beginTotp: build.mutation<BeginTotpApiResponse, BeginTotpApiArg>({
        query: () => ({ url: `/api/v1/me/totp`, method: "POST" }),
        invalidatesTags: ["Accounts"],
      }),
      confirmTotp: build.mutation<ConfirmTotpApiResponse, ConfirmTotpApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/me/totp/confirm`,
          method: "POST",
          body: queryArg.factorCode,
        }),
        invalidatesTags: ["Accounts"],
      }),
      getMessage: build.query<GetMessageApiResponse, GetMessageApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/messages/${queryArg.messageId}`,
        }),
        providesTags: ["Chat"],
      }),
      withdrawFeedback: build.mutation<
        WithdrawFeedbackApiResponse,
        WithdrawFeedbackApiArg
      >({
        query: (queryArg) => ({
          url: `/api/v1/messages/${queryArg.messageId}/feedback`,
          method: "DELETE",
        }),
        invalidatesTags: ["Chat"],
      }),
      giveFeedback: build.mutation<GiveFeedbackApiResponse, GiveFeedbackApiArg>(
        {
          query: (queryArg) => ({
            url: `/api/v1/messages/${queryArg.messageId}/feedback`,
            method: "PUT",
            body: queryArg.feedbackPut,
          }),
          invalidatesTags: ["Chat"],
        },
      ),
      regenerate: build.mutation<RegenerateApiResponse, RegenerateApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/messages/${queryArg.messageId}/regenerate`,
          method: "POST",
          headers: {
            "idempotency-key": queryArg["idempotency-key"],
          },
        }),
        invalidatesTags: ["Chat"],
      }),
      stop: build.mutation<StopApiResponse, StopApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/messages/${queryArg.messageId}/stop`,
          method: "POST",
        }),
        invalidatesTags: ["Chat"],
      }),
      getTrace: build.query<GetTraceApiResponse, GetTraceApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/messages/${queryArg.messageId}/trace`,
        }),
        providesTags: ["Chat"],
      }),
      listModels: build.query<ListModelsApiResponse, ListModelsApiArg>({
        query: () => ({ url: `/api/v1/models` }),
        providesTags: ["Instance"],
      }),
      listPlans: build.query<ListPlansApiResponse, ListPlansApiArg>({
        query: () => ({ url: `/api/v1/plans` }),
        providesTags: ["Plans and usage"],
      }),
      listProviderCredentials: build.query<
        ListProviderCredentialsApiResponse,
        ListProviderCredentialsApiArg
      >({
        query: () => ({ url: `/api/v1/provider_credentials` }),
        providesTags: ["Provider keys"],
      }),
      removeProviderCredentials: build.mutation<
        RemoveProviderCredentialsApiResponse,
        RemoveProviderCredentialsApiArg
      >({
        query: (queryArg) => ({
          url: `/api/v1/provider_credentials/${queryArg.provider}`,
          method: "DELETE",
        }),
        invalidatesTags: ["Provider keys"],
      }),
      setProviderCredentials: build.mutation<
        SetProviderCredentialsApiResponse,
        SetProviderCredentialsApiArg
      >({
        query: (queryArg) => ({
          url: `/api/v1/provider_credentials/${queryArg.provider}`,
          method: "PUT",
          body: queryArg.credentialsInput,
        }),
        invalidatesTags: ["Provider keys"],
      }),
      listSweeps: build.query<ListSweepsApiResponse, ListSweepsApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/sweeps`,
          params: {
            limit: queryArg.limit,
            cursor: queryArg.cursor,
          },
        }),
        providesTags: ["Audit"],
      }),
      getUsage: build.query<GetUsageApiResponse, GetUsageApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/usage`,
          params: {
            from: queryArg["from"],
            to: queryArg.to,
            group_by: queryArg.groupBy,
          },
        }),
        providesTags: ["Plans and usage"],
      }),
      listWorkspaces: build.query<
        ListWorkspacesApiResponse,
        ListWorkspacesApiArg
      >({
        query: (queryArg) => ({
          url: `/api/v1/workspaces`,
          params: {
            limit: queryArg.limit,
            cursor: queryArg.cursor,
          },
        }),
        providesTags: ["Workspaces"],
      }),
      createWorkspace: build.mutation<
        CreateWorkspaceApiResponse,
        CreateWorkspaceApiArg
      >({
        query: (queryArg) => ({
          url: `/api/v1/workspaces`,
          method: "POST",
          body: queryArg.workspaceInput,
        }),
        invalidatesTags: ["Workspaces"],
      }),
      deleteWorkspace: build.mutation<
        DeleteWorkspaceApiResponse,
        DeleteWorkspaceApiArg
      >({
        query: (queryArg) => ({
          url: `/api/v1/workspaces/${queryArg.workspaceId}`,
          method: "DELETE",
          headers: {
            "if-match": queryArg["if-match"],
          },
        }),
        invalidatesTags: ["Workspaces"],
      }),
      getWorkspace: build.query<GetWorkspaceApiResponse, GetWorkspaceApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/workspaces/${queryArg.workspaceId}`,
        }),
        providesTags: ["Workspaces"],
      }),
      updateWorkspace: build.mutation<
        UpdateWorkspaceApiResponse,
        UpdateWorkspaceApiArg
      >({
        query: (queryArg) => ({
          url: `/api/v1/workspaces/${queryArg.workspaceId}`,
          method: "PATCH",
          body: queryArg.workspacePatch,
          headers: {
            "if-match": queryArg["if-match"],
          },
        }),
        invalidatesTags: ["Workspaces"],
      }),
      listInvitations: build.query<
        ListInvitationsApiResponse,
        ListInvitationsApiArg
      >({
        query: (queryArg) => ({
          url: `/api/v1/workspaces/${queryArg.workspaceId}/invitations`,
          params: {
            limit: queryArg.limit,
            cursor: queryArg.cursor,
          },
        }),
        providesTags: ["Workspaces"],
      }),
      invite: build.mutation<InviteApiResponse, InviteApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/workspaces/${queryArg.workspaceId}/invitations`,
          method: "POST",
          body: queryArg.invitationInput,
        }),
        invalidatesTags: ["Workspaces"],
      }),
      revokeInvitation: build.mutation<
        RevokeInvitationApiResponse,
        RevokeInvitationApiArg
      >({
        query: (queryArg) => ({
          url: `/api/v1/workspaces/${queryArg.workspaceId}/invitations/${queryArg.invitationId}`,
          method: "DELETE",
        }),
        invalidatesTags: ["Workspaces"],
      }),
      listMembers: build.query<ListMembersApiResponse, ListMembersApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/workspaces/${queryArg.workspaceId}/members`,
          params: {
            limit: queryArg.limit,
            cursor: queryArg.cursor,
          },
        }),
        providesTags: ["Workspaces"],
      }),
      removeMember: build.mutation<RemoveMemberApiResponse, RemoveMemberApiArg>(
        {
          query: (queryArg) => ({
            url: `/api/v1/workspaces/${queryArg.workspaceId}/members/${queryArg.userId}`,
            method: "DELETE",
            headers: {
              "if-match": queryArg["if-match"],
            },
          }),
          invalidatesTags: ["Workspaces"],
        },
      ),
      changeMemberRole: build.mutation<
        ChangeMemberRoleApiResponse,
        ChangeMemberRoleApiArg
      >({
        query: (queryArg) => ({
          url: `/api/v1/workspaces/${queryArg.workspaceId}/members/${queryArg.userId}`,
          method: "PATCH",
          body: queryArg.memberPatch,
          headers: {
            "if-match": queryArg["if-match"],
          },
        }),
        invalidatesTags: ["Workspaces"],
      }),
      restoreWorkspace: build.mutation<
        RestoreWorkspaceApiResponse,
        RestoreWorkspaceApiArg
      >({
        query: (queryArg) => ({
          url: `/api/v1/workspaces/${queryArg.workspaceId}/restore`,
          method: "POST",
        }),
        invalidatesTags: ["Workspaces"],
      }),
      getSubscription: build.query<
        GetSubscriptionApiResponse,
        GetSubscriptionApiArg
      >({
        query: (queryArg) => ({
          url: `/api/v1/workspaces/${queryArg.workspaceId}/subscription`,
        }),
        providesTags: ["Plans and usage"],
      }),
      putSubscription: build.mutation<
        PutSubscriptionApiResponse,
        PutSubscriptionApiArg
      >({
        query: (queryArg) => ({
          url: `/api/v1/workspaces/${queryArg.workspaceId}/subscription`,
          method: "PUT",
          body: queryArg.subscriptionInput,
        }),
        invalidatesTags: ["Plans and usage"],
      }),
      transferOwnership: build.mutation<
        TransferOwnershipApiResponse,
        TransferOwnershipApiArg
      >({
        query: (queryArg) => ({
          url: `/api/v1/workspaces/${queryArg.workspaceId}/transfer`,
          method: "POST",
          body: queryArg.transfer,
        }),
        invalidatesTags: ["Workspaces"],
      }),
      createWsTicket: build.mutation<
        CreateWsTicketApiResponse,
        CreateWsTicketApiArg
      >({
        query: () => ({ url: `/api/v1/ws_tickets`, method: "POST" }),
        invalidatesTags: ["API keys", "Chat"],
      }),
    }),
    overrideExisting: false,
  });
export { injectedRtkApi as api };
export type ListApiKeysApiResponse =
  /** status 200 Successful Response */ ListOfApiKey;
export type ListApiKeysApiArg = {
  /** Items a page. */
  limit?: number;
  /** `next_cursor` of the page before. */
  cursor?: string | null;
};
export type CreateApiKeyApiResponse =
  /** status 201 Successful Response */ NewApiKey;
export type CreateApiKeyApiArg = {
  /** Send the same key when you repeat a request: it is done once. */
  "idempotency-key"?: string;
  apiKeyInput: ApiKeyInput;
};
export type RevokeApiKeyApiResponse = unknown;
export type RevokeApiKeyApiArg = {
  /** Id of an API key. */
  keyId: string;
  /** ETag of the version that you want to change. */
  "if-match"?: string;
};
export type GetApiKeyApiResponse = /** status 200 Successful Response */ ApiKey;
export type GetApiKeyApiArg = {
  /** Id of an API key. */
  keyId: string;
};
export type RenameApiKeyApiResponse =
  /** status 200 Successful Response */ ApiKey;
export type RenameApiKeyApiArg = {
  /** Id of an API key. */
  keyId: string;
  /** ETag of the version that you want to change. */
  "if-match"?: string;
  apiKeyPatch: ApiKeyPatch;
};
export type RotateApiKeyApiResponse =
  /** status 200 Successful Response */ NewApiKey;
export type RotateApiKeyApiArg = {
  /** Id of an API key. */
  keyId: string;
  body: Rotation | null;
};
export type ListAuditEventsApiResponse =
  /** status 200 Successful Response */ ListOfAuditEvent;
export type ListAuditEventsApiArg = {
  /** Only actions that begin so, such as `bot.`. */
  action?: string | null;
  /** Only what this person or key did. */
  actor?: string | null;
  /** Only what was done to the thing with this id. */
  target?: string | null;
  /** Only from this day (UTC) on. */
  from?: string | null;
  /** Only until the end of this day (UTC). */
  to?: string | null;
  /** Items a page. */
  limit?: number;
  /** `next_cursor` of the page before. */
  cursor?: string | null;
};
export type VerifyAuditEventsApiResponse =
  /** status 200 Successful Response */ AuditVerification;
export type VerifyAuditEventsApiArg = void;
export type EndOtherSessionsApiResponse = unknown;
export type EndOtherSessionsApiArg = void;
export type ListSessionsApiResponse =
  /** status 200 Successful Response */ ListOfOwnSession;
export type ListSessionsApiArg = {
  /** Items a page. */
  limit?: number;
  /** `next_cursor` of the page before. */
  cursor?: string | null;
};
export type EndSessionApiResponse = unknown;
export type EndSessionApiArg = {
  /** Id of a session. */
  sessionId: string;
};
export type ListBotsApiResponse =
  /** status 200 Successful Response */ ListOfBot;
export type ListBotsApiArg = {
  /** Items a page. */
  limit?: number;
  /** `next_cursor` of the page before. */
  cursor?: string | null;
};
export type CreateBotApiResponse = /** status 201 Successful Response */ Bot;
export type CreateBotApiArg = {
  /** Send the same key when you repeat a request: it is done once. */
  "idempotency-key"?: string;
  botCreate: BotCreate;
};
export type ConfigSchemaApiResponse = /** status 200 Successful Response */ {
  [key: string]: any;
};
export type ConfigSchemaApiArg = void;
export type DeleteBotApiResponse = unknown;
export type DeleteBotApiArg = {
  /** Id of a bot. */
  botId: string;
  /** ETag of the version that you want to change. */
  "if-match"?: string;
};
export type GetBotApiResponse = /** status 200 Successful Response */ Bot;
export type GetBotApiArg = {
  /** Id of a bot. */
  botId: string;
};
export type UpdateBotApiResponse = /** status 200 Successful Response */ Bot;
export type UpdateBotApiArg = {
  /** Id of a bot. */
  botId: string;
  /** ETag of the version that you want to change. */
  "if-match"?: string;
  botPatch: BotPatch;
};
export type ChatApiResponse = /** status 200 Successful Response */ ChatResult;
export type ChatApiArg = {
  /** Id of a bot. */
  botId: string;
  /** Send the same key when you repeat a request: it is done once. */
  "idempotency-key"?: string;
  chat: Chat;
};
export type ListConversationsApiResponse =
  /** status 200 Successful Response */ ListOfConversation;
export type ListConversationsApiArg = {
  /** Id of a bot. */
  botId: string;
  /** Items a page. */
  limit?: number;
  /** `next_cursor` of the page before. */
  cursor?: string | null;
  /** Words in the title or a message. */
  q?: string | null;
  /** Those with an answer of this status. */
  status?:
    ("pending" | "streaming" | "completed" | "stopped" | "failed") | null;
  /** First day on which they began (UTC). */
  from?: string | null;
  /** Last day on which they began (UTC). */
  to?: string | null;
  /** Those with an answer that anyone says this of. */
  feedback?: ("up" | "down") | null;
  /** Those with (or without) an answer that was made with a part out. */
  degraded?: boolean | null;
  /** Id of the person or API key that began them. */
  who?: string | null;
};
export type StartConversationApiResponse =
  /** status 201 Successful Response */ Conversation;
export type StartConversationApiArg = {
  /** Id of a bot. */
  botId: string;
  /** Send the same key when you repeat a request: it is done once. */
  "idempotency-key"?: string;
  body: ConversationCreate | null;
};
export type ListCrawlsApiResponse =
  /** status 200 Successful Response */ ListOfCrawl;
export type ListCrawlsApiArg = {
  /** Id of a bot. */
  botId: string;
  /** Items a page. */
  limit?: number;
  /** `next_cursor` of the page before. */
  cursor?: string | null;
};
export type StartCrawlApiResponse = /** status 202 Successful Response */ Crawl;
export type StartCrawlApiArg = {
  /** Id of a bot. */
  botId: string;
  /** Send the same key when you repeat a request: it is done once. */
  "idempotency-key"?: string;
  newCrawl: NewCrawl;
};
export type ListDocumentsApiResponse =
  /** status 200 Successful Response */ ListOfDocument;
export type ListDocumentsApiArg = {
  /** Id of a bot. */
  botId: string;
  status?: ("pending" | "processing" | "ready" | "failed") | null;
  /** Words in title or name. */
  q?: string | null;
  /** Items a page. */
  limit?: number;
  /** `next_cursor` of the page before. */
  cursor?: string | null;
};
export type AddDocumentsApiResponse =
  | (
      | /** status 200 The same bytes or address are there already. */ Document
      | Document[]
    )
  | (/** status 202 Successful Response */ Document | Document[]);
export type AddDocumentsApiArg = {
  /** Id of a bot. */
  botId: string;
  /** Send the same key when you repeat a request: it is done once. */
  "idempotency-key"?: string;
  body:
    | {
        metadata?: object;
        text: string;
        title?: string;
      }
    | {
        metadata?: object;
        title?: string;
        /** http or https, on port 80 or 443 of a host of the public internet. */
        url: string;
      };
};
export type SearchApiResponse =
  /** status 200 Successful Response */ SearchResult;
export type SearchApiArg = {
  /** Id of a bot. */
  botId: string;
  search: Search;
};
export type GetSummaryApiResponse =
  /** status 200 Successful Response */ BotSummary;
export type GetSummaryApiArg = {
  /** Id of a bot. */
  botId: string;
};
export type ListVersionsApiResponse =
  /** status 200 Successful Response */ ListOfBotVersion;
export type ListVersionsApiArg = {
  /** Id of a bot. */
  botId: string;
  /** Items a page. */
  limit?: number;
  /** `next_cursor` of the page before. */
  cursor?: string | null;
};
export type CreateVersionApiResponse =
  /** status 201 Successful Response */ BotVersion;
export type CreateVersionApiArg = {
  /** Id of a bot. */
  botId: string;
  body: BotVersionCreate | null;
};
export type PublishVersionApiResponse =
  /** status 200 Successful Response */ Bot;
export type PublishVersionApiArg = {
  /** Id of a bot. */
  botId: string;
  number: number;
};
export type DeleteConversationApiResponse = unknown;
export type DeleteConversationApiArg = {
  /** Id of a conversation. */
  conversationId: string;
  /** ETag of the version that you want to change. */
  "if-match"?: string;
};
export type GetConversationApiResponse =
  /** status 200 Successful Response */ Conversation;
export type GetConversationApiArg = {
  /** Id of a conversation. */
  conversationId: string;
};
export type RenameConversationApiResponse =
  /** status 200 Successful Response */ Conversation;
export type RenameConversationApiArg = {
  /** Id of a conversation. */
  conversationId: string;
  /** ETag of the version that you want to change. */
  "if-match"?: string;
  conversationPatch: ConversationPatch;
};
export type ListMessagesApiResponse =
  /** status 200 Successful Response */ ListOfMessage;
export type ListMessagesApiArg = {
  /** Id of a conversation. */
  conversationId: string;
  /** `desc`: newest first, from the end of a long one. */
  order?: "asc" | "desc";
  /** Items a page. */
  limit?: number;
  /** `next_cursor` of the page before. */
  cursor?: string | null;
};
export type CreateMessageApiResponse =
  | /** status 200 The stream. */ {
      data: string;
      event: string;
      id: string;
    }
  | /** status 201 Successful Response */ Message;
export type CreateMessageApiArg = {
  /** Id of a conversation. */
  conversationId: string;
  /** Send the same key when you repeat a request: it is done once. */
  "idempotency-key"?: string;
  messageCreate: MessageCreate;
};
export type GetCrawlApiResponse = /** status 200 Successful Response */ Crawl;
export type GetCrawlApiArg = {
  /** Id of a crawl. */
  crawlId: string;
};
export type StopCrawlApiResponse = /** status 200 Successful Response */ Crawl;
export type StopCrawlApiArg = {
  /** Id of a crawl. */
  crawlId: string;
};
export type DeleteDocumentApiResponse = unknown;
export type DeleteDocumentApiArg = {
  /** Id of a document. */
  documentId: string;
  /** ETag of the version that you want to change. */
  "if-match"?: string;
};
export type GetDocumentApiResponse =
  /** status 200 Successful Response */ Document;
export type GetDocumentApiArg = {
  /** Id of a document. */
  documentId: string;
};
export type UpdateDocumentApiResponse =
  /** status 200 Successful Response */ Document;
export type UpdateDocumentApiArg = {
  /** Id of a document. */
  documentId: string;
  /** ETag of the version that you want to change. */
  "if-match"?: string;
  documentPatch: DocumentPatch;
};
export type CancelApiResponse = /** status 200 Successful Response */ Document;
export type CancelApiArg = {
  /** Id of a document. */
  documentId: string;
};
export type ListChunksApiResponse =
  /** status 200 Successful Response */ ListOfChunk;
export type ListChunksApiArg = {
  /** Id of a document. */
  documentId: string;
  /** Items a page. */
  limit?: number;
  /** `next_cursor` of the page before. */
  cursor?: string | null;
};
export type ReplaceContentApiResponse =
  /** status 202 Successful Response */ Document;
export type ReplaceContentApiArg = {
  /** Id of a document. */
  documentId: string;
  /** ETag of the version that you want to change. */
  "if-match"?: string;
  textDocument: {
    metadata?: object;
    text: string;
    title?: string;
  };
};
export type GetDiagnosisApiResponse =
  /** status 200 Successful Response */ Diagnosis;
export type GetDiagnosisApiArg = {
  /** Id of a document. */
  documentId: string;
};
export type ReprocessApiResponse =
  /** status 202 Successful Response */ Document;
export type ReprocessApiArg = {
  /** Id of a document. */
  documentId: string;
};
export type GetTextApiResponse = /** status 200 The extracted text. */ string;
export type GetTextApiArg = {
  /** Id of a document. */
  documentId: string;
  revision?: number | null;
};
export type GetErasureApiResponse =
  /** status 200 Successful Response */ Erasure;
export type GetErasureApiArg = {
  /** Id of the receipt of an erasure. */
  erasureId: string;
};
export type DeleteMeApiResponse = unknown;
export type DeleteMeApiArg = {
  /** ETag of the version that you want to change. */
  "if-match"?: string;
  accountRemoval: AccountRemoval;
};
export type UpdateMeApiResponse = /** status 200 Successful Response */ Profile;
export type UpdateMeApiArg = {
  /** ETag of the version that you want to change. */
  "if-match"?: string;
  profilePatch: ProfilePatch;
};
export type ChangePasswordApiResponse = unknown;
export type ChangePasswordApiArg = {
  passwordChange: PasswordChange;
};
export type RemoveTotpApiResponse = unknown;
export type RemoveTotpApiArg = {
  factorRemoval: FactorRemoval;
};
export type BeginTotpApiResponse =
  /** status 200 Successful Response */ Enrolment;
export type BeginTotpApiArg = void;
export type ConfirmTotpApiResponse =
  /** status 200 Successful Response */ RecoveryCodes;
export type ConfirmTotpApiArg = {
  factorCode: FactorCode;
};
export type GetMessageApiResponse =
  /** status 200 Successful Response */ Message;
export type GetMessageApiArg = {
  /** Id of a message. */
  messageId: string;
};
export type WithdrawFeedbackApiResponse = unknown;
export type WithdrawFeedbackApiArg = {
  /** Id of a message. */
  messageId: string;
};
export type GiveFeedbackApiResponse =
  /** status 200 Successful Response */ Feedback;
export type GiveFeedbackApiArg = {
  /** Id of a message. */
  messageId: string;
  feedbackPut: FeedbackPut;
};
export type RegenerateApiResponse =
  | /** status 200 The stream. */ {
      data: string;
      event: string;
      id: string;
    }
  | /** status 201 Successful Response */ Message;
export type RegenerateApiArg = {
  /** Id of a message. */
  messageId: string;
  /** Send the same key when you repeat a request: it is done once. */
  "idempotency-key"?: string;
};
export type StopApiResponse = /** status 202 Successful Response */ Message;
export type StopApiArg = {
  /** Id of a message. */
  messageId: string;
};
export type GetTraceApiResponse = /** status 200 Successful Response */ Trace;
export type GetTraceApiArg = {
  /** Id of a message. */
  messageId: string;
};
export type ListModelsApiResponse =
  /** status 200 Successful Response */ ModelChoices;
export type ListModelsApiArg = void;
export type ListPlansApiResponse = /** status 200 Successful Response */ Plans;
export type ListPlansApiArg = void;
export type ListProviderCredentialsApiResponse =
  /** status 200 Successful Response */ ListOfProviderCredentials;
export type ListProviderCredentialsApiArg = void;
export type RemoveProviderCredentialsApiResponse = unknown;
export type RemoveProviderCredentialsApiArg = {
  /** Name of the provider: `openai`. */
  provider: string;
};
export type SetProviderCredentialsApiResponse =
  /** status 200 Successful Response */ ProviderCredentials;
export type SetProviderCredentialsApiArg = {
  /** Name of the provider: `openai`. */
  provider: string;
  credentialsInput: CredentialsInput;
};
export type ListSweepsApiResponse =
  /** status 200 Successful Response */ ListOfSweep;
export type ListSweepsApiArg = {
  /** Items a page. */
  limit?: number;
  /** `next_cursor` of the page before. */
  cursor?: string | null;
};
export type GetUsageApiResponse =
  /** status 200 Successful Response */ UsageReport;
export type GetUsageApiArg = {
  /** First day (UTC); absent: of this month. */
  from?: string | null;
  /** Last day (UTC); absent: today. */
  to?: string | null;
  /** By what it is summed up. */
  groupBy?: "day" | "bot" | "model";
};
export type ListWorkspacesApiResponse =
  /** status 200 Successful Response */ ListOfOwnWorkspace;
export type ListWorkspacesApiArg = {
  /** Items a page. */
  limit?: number;
  /** `next_cursor` of the page before. */
  cursor?: string | null;
};
export type CreateWorkspaceApiResponse =
  /** status 201 Successful Response */ OwnWorkspace;
export type CreateWorkspaceApiArg = {
  workspaceInput: WorkspaceInput;
};
export type DeleteWorkspaceApiResponse = unknown;
export type DeleteWorkspaceApiArg = {
  /** Id of a workspace. */
  workspaceId: string;
  /** ETag of the version that you want to change. */
  "if-match"?: string;
};
export type GetWorkspaceApiResponse =
  /** status 200 Successful Response */ OwnWorkspace;
export type GetWorkspaceApiArg = {
  /** Id of a workspace. */
  workspaceId: string;
};
export type UpdateWorkspaceApiResponse =
  /** status 200 Successful Response */ OwnWorkspace;
export type UpdateWorkspaceApiArg = {
  /** Id of a workspace. */
  workspaceId: string;
  /** ETag of the version that you want to change. */
  "if-match"?: string;
  workspacePatch: WorkspacePatch;
};
export type ListInvitationsApiResponse =
  /** status 200 Successful Response */ ListOfInvitation;
export type ListInvitationsApiArg = {
  /** Id of a workspace. */
  workspaceId: string;
  /** Items a page. */
  limit?: number;
  /** `next_cursor` of the page before. */
  cursor?: string | null;
};
export type InviteApiResponse =
  /** status 201 Successful Response */ NewInvitation;
export type InviteApiArg = {
  /** Id of a workspace. */
  workspaceId: string;
  invitationInput: InvitationInput;
};
export type RevokeInvitationApiResponse = unknown;
export type RevokeInvitationApiArg = {
  /** Id of a workspace. */
  workspaceId: string;
  /** Id of an invitation. */
  invitationId: string;
};
export type ListMembersApiResponse =
  /** status 200 Successful Response */ ListOfMember;
export type ListMembersApiArg = {
  /** Id of a workspace. */
  workspaceId: string;
  /** Items a page. */
  limit?: number;
  /** `next_cursor` of the page before. */
  cursor?: string | null;
};
export type RemoveMemberApiResponse = unknown;
export type RemoveMemberApiArg = {
  /** Id of a workspace. */
  workspaceId: string;
  /** Id of a person. */
  userId: string;
  /** ETag of the version that you want to change. */
  "if-match"?: string;
};
export type ChangeMemberRoleApiResponse =
  /** status 200 Successful Response */ Membership;
export type ChangeMemberRoleApiArg = {
  /** Id of a workspace. */
  workspaceId: string;
  /** Id of a person. */
  userId: string;
  /** ETag of the version that you want to change. */
  "if-match"?: string;
  memberPatch: MemberPatch;
};
export type RestoreWorkspaceApiResponse =
  /** status 200 Successful Response */ OwnWorkspace;
export type RestoreWorkspaceApiArg = {
  /** Id of a workspace. */
  workspaceId: string;
};
export type GetSubscriptionApiResponse =
  /** status 200 Successful Response */ Subscription;
export type GetSubscriptionApiArg = {
  /** Id of a workspace. */
  workspaceId: string;
};
export type PutSubscriptionApiResponse =
  /** status 200 Successful Response */ Subscription;
export type PutSubscriptionApiArg = {
  /** Id of a workspace. */
  workspaceId: string;
  subscriptionInput: SubscriptionInput;
};
export type TransferOwnershipApiResponse = unknown;
export type TransferOwnershipApiArg = {
  /** Id of a workspace. */
  workspaceId: string;
  transfer: Transfer;
};
export type CreateWsTicketApiResponse =
  /** status 201 Successful Response */ SocketTicket;
export type CreateWsTicketApiArg = void;
export type ApiKey = {
  created_at: string;
  /** Id of the member as whom the key acts. */
  created_by: string;
  expires_at: string | null;
  /** How the secret begins. */
  hint: string;
  id: string;
  /** To the minute. */
  last_used_at: string | null;
  name: string;
  scopes: (
    | "audit:read"
    | "bots:read"
    | "bots:write"
    | "chat"
    | "documents:read"
    | "documents:write"
    | "usage:read"
  )[];
};
export type ListOfApiKey = {
  data: ApiKey[];
  has_more: boolean;
  /** Send it as `cursor` for the next page. */
  next_cursor: string | null;
};
export type ProblemItem = {
  detail: string;
  pointer: string;
};
export type Problem = {
  /** With `second_factor_required`: to be sent with a code. */
  challenge?: string | null;
  code: string;
  detail: string;
  errors?: ProblemItem[] | null;
  instance: string;
  /** The plan's limit that was exceeded. */
  limit?: string | null;
  request_id: string;
  status: number;
  title: string;
  type: string;
};
export type NewApiKey = {
  created_at: string;
  /** Id of the member as whom the key acts. */
  created_by: string;
  expires_at: string | null;
  /** How the secret begins. */
  hint: string;
  id: string;
  /** To the minute. */
  last_used_at: string | null;
  name: string;
  scopes: (
    | "audit:read"
    | "bots:read"
    | "bots:write"
    | "chat"
    | "documents:read"
    | "documents:write"
    | "usage:read"
  )[];
  /** Shown here and never again; null where an Idempotency-Key was repeated. */
  secret: string | null;
};
export type ApiKeyInput = {
  /** In the future, and in two years at most; absent: the key does not expire. */
  expires_at?: string | null;
  name: string;
  scopes: (
    | "audit:read"
    | "bots:read"
    | "bots:write"
    | "chat"
    | "documents:read"
    | "documents:write"
    | "usage:read"
  )[];
};
export type ApiKeyPatch = {
  name: string;
};
export type Rotation = {
  /** Absent: not at all. */
  grace_seconds?: number;
};
export type AuditActor = {
  id: string;
  kind: "user" | "api_key" | "local" | "system";
};
export type AuditSubject = {
  id: string;
  type: string;
};
export type AuditEvent = {
  action:
    | "api_key.created"
    | "api_key.renamed"
    | "api_key.revoked"
    | "api_key.rotated"
    | "bot.created"
    | "bot.deleted"
    | "bot.published"
    | "bot.updated"
    | "bot.version_created"
    | "crawl.started"
    | "crawl.stopped"
    | "document.added"
    | "document.cancelled"
    | "document.deleted"
    | "document.replaced"
    | "document.reprocessed"
    | "document.updated"
    | "invitation.made"
    | "invitation.revoked"
    | "member.joined"
    | "member.left"
    | "member.removed"
    | "member.role_changed"
    | "ownership.transferred"
    | "plan.assigned"
    | "plan.saved"
    | "provider_credentials.removed"
    | "provider_credentials.set"
    | "workspace.created"
    | "workspace.deleted"
    | "workspace.exported"
    | "workspace.model_chosen"
    | "workspace.renamed"
    | "workspace.restored";
  actor: AuditActor;
  address: string;
  at: string;
  /** What the hash was made over, after the one before. */
  body: string;
  data: {
    [key: string]: string | number | boolean | null;
  };
  hash: string;
  id: string;
  previous_hash: string;
  request_id: string;
  seq: number;
  subject: AuditSubject;
};
export type ListOfAuditEvent = {
  data: AuditEvent[];
  has_more: boolean;
  /** Send it as `cursor` for the next page. */
  next_cursor: string | null;
};
export type AuditVerification = {
  entries: number;
  /** Place of the first broken link. */
  first_break: number | null;
  /** Hash of the last link: keep it elsewhere. */
  head: string;
  intact: boolean;
};
export type OwnSession = {
  /** IP address of the last refresh. */
  address: string;
  created_at: string;
  /** Whether it is the one that asks. */
  current: boolean;
  expires_at: string;
  id: string;
  last_used_at: string;
  user_agent: string;
};
export type ListOfOwnSession = {
  data: OwnSession[];
  has_more: boolean;
  /** Send it as `cursor` for the next page. */
  next_cursor: string | null;
};
export type Bot = {
  configuration: {
    [key: string]: any;
  };
  created_at: string;
  description: string;
  id: string;
  name: string;
  public_id: string;
  published_version: number | null;
  updated_at: string;
};
export type ListOfBot = {
  data: Bot[];
  has_more: boolean;
  /** Send it as `cursor` for the next page. */
  next_cursor: string | null;
};
export type BotCreate = {
  configuration?: object;
  description?: string;
  name: string;
};
export type BotPatch = {
  configuration?: object | null;
  description?: string | null;
  name?: string | null;
};
export type Citation = {
  chunk_id: string;
  document_id: string;
  end: number;
  /** The number in square brackets in the answer. */
  index: number;
  page: number | null;
  quote: string;
  revision: number;
  start: number;
  title: string;
  /** Whether the quote supports the sentence. */
  verified: boolean;
};
export type Failure = {
  code: string;
  detail: string;
};
export type Fallback = {
  code: string;
  model: string;
};
export type Feedback = {
  comment: string | null;
  created_at: string;
  rating: "up" | "down";
  reason: string | null;
  updated_at: string;
};
export type Usage = {
  completion_tokens: number;
  prompt_tokens: number;
};
export type Message = {
  citations: Citation[];
  content: string;
  conversation_id: string;
  created_at: string;
  degraded: boolean;
  error: Failure | null;
  fallbacks: Fallback[];
  /** One's own, of whoever asks; null in streams, which all see alike. */
  feedback: Feedback | null;
  id: string;
  /** The one that answered, or failed last. */
  model: string | null;
  parent_id: string | null;
  role: "user" | "assistant";
  status: "pending" | "streaming" | "completed" | "stopped" | "failed";
  timings: {
    [key: string]: number;
  };
  usage: Usage;
};
export type ChatResult = {
  conversation_id: string;
  message: Message;
};
export type Chat = {
  conversation_id?: string | null;
  message: string;
  /** `draft`: by the unpublished configuration. */
  version?: "draft" | null;
};
export type FeedbackCounts = {
  down: number;
  up: number;
};
export type Match = {
  message_id: string;
  text: string;
};
export type Who = {
  id: string;
  kind: "user" | "key" | "visitor";
  name: string | null;
};
export type Conversation = {
  bot_id: string;
  created_at: string;
  feedback: FeedbackCounts;
  id: string;
  last_message_at: string | null;
  /** Lists with `q` only; null: the words stand in the title. */
  match: Match | null;
  message_count: number;
  /** Null: begun before this was kept. */
  started_by: Who | null;
  title: string;
  updated_at: string;
};
export type ListOfConversation = {
  data: Conversation[];
  has_more: boolean;
  /** Send it as `cursor` for the next page. */
  next_cursor: string | null;
};
export type ConversationCreate = {
  title?: string;
};
export type Crawl = {
  added: number;
  bot_id: string;
  created_at: string;
  error: Failure | null;
  exclude: string[];
  failed: number;
  found: number;
  id: string;
  include: string[];
  max_depth: number;
  max_pages: number;
  skipped: number;
  status: "running" | "completed" | "failed" | "stopped";
  updated_at: string;
  url: string;
};
export type ListOfCrawl = {
  data: Crawl[];
  has_more: boolean;
  /** Send it as `cursor` for the next page. */
  next_cursor: string | null;
};
export type NewCrawl = {
  /** No paths that begin so. */
  exclude?: string[];
  /** Only paths that begin so. */
  include?: string[];
  /** Links from the start at most. */
  max_depth?: number;
  /** Pages read at most. */
  max_pages?: number;
  /** http or https, on port 80 or 443 of a host of the public internet. */
  url: string;
};
export type Progress = {
  done: number;
  stage:
    | "queued"
    | "fetching"
    | "parsing"
    | "chunking"
    | "embedding"
    | "indexing"
    | "done";
  total: number;
};
export type Document = {
  bot_id: string;
  bytes: number;
  chunk_count: number;
  created_at: string;
  error: Failure | null;
  filename: string;
  id: string;
  media_type: string;
  metadata: {
    [key: string]: string;
  };
  progress: Progress;
  revision: number;
  sha256: string;
  source_url: string | null;
  status: "pending" | "processing" | "ready" | "failed";
  title: string;
  updated_at: string;
};
export type ListOfDocument = {
  data: Document[];
  has_more: boolean;
  /** Send it as `cursor` for the next page. */
  next_cursor: string | null;
};
export type Scores = {
  keyword: number | null;
  rerank: number | null;
  vector: number | null;
};
export type Hit = {
  chunk_id: string;
  document_id: string;
  end: number;
  heading_path: string[];
  page: number | null;
  revision: number;
  score: number;
  scores: Scores;
  start: number;
  text: string;
  title: string;
};
export type SearchResult = {
  data: Hit[];
  degraded: boolean;
  timings: {
    [key: string]: number;
  };
};
export type FilterInput = {
  document_ids?: string[] | null;
  metadata?: object;
};
export type Search = {
  filter?: FilterInput | null;
  k?: number | null;
  mode?: ("hybrid" | "vector" | "keyword") | null;
  query: string;
};
export type DocumentCounts = {
  failed: number;
  pending: number;
  processing: number;
  ready: number;
};
export type BotSummary = {
  bot_id: string;
  /** Of the documents' newest originals. */
  bytes: number;
  chunks: number;
  conversations: number;
  documents: DocumentCounts;
  /** Those of them that failed. */
  failed_today: number;
  feedback: FeedbackCounts;
  /** Answers that ended today (UTC), well or not. */
  messages_today: number;
};
export type BotVersion = {
  bot_id: string;
  configuration: {
    [key: string]: any;
  };
  created_at: string;
  /** Null: made before this was kept. */
  created_by: Who | null;
  note: string;
  number: number;
  /** When it was last published; null: never, or before this was kept. */
  published_at: string | null;
};
export type ListOfBotVersion = {
  data: BotVersion[];
  has_more: boolean;
  /** Send it as `cursor` for the next page. */
  next_cursor: string | null;
};
export type BotVersionCreate = {
  note?: string;
};
export type ConversationPatch = {
  title: string;
};
export type ListOfMessage = {
  data: Message[];
  has_more: boolean;
  /** Send it as `cursor` for the next page. */
  next_cursor: string | null;
};
export type MessageCreate = {
  content: string;
  parent_id?: string | null;
  version?: "draft" | null;
};
export type DocumentPatch = {
  metadata?: object | null;
  title?: string | null;
};
export type Chunk = {
  document_id: string;
  enabled: boolean;
  end: number;
  heading_path: string[];
  id: string;
  index: number;
  page: number | null;
  start: number;
  text: string;
};
export type ListOfChunk = {
  data: Chunk[];
  has_more: boolean;
  /** Send it as `cursor` for the next page. */
  next_cursor: string | null;
};
export type Attempts = {
  /** Attempts that failed: counted against the document. */
  errors: number;
  /** Attempts whose worker vanished. */
  losses: number;
  /** Attempts that met something that was out. */
  outages: number;
};
export type QueuePlace = {
  next_try_at: string;
  /** Place among the workspace's own jobs; null until its time has come. */
  position: number | null;
  waiting_since: string;
};
export type Reason = {
  code: string;
  detail: string;
};
export type JobWorker = {
  id: string | null;
  /** If it stays silent, another worker may take over from then on. */
  lease_until: string;
  /** When it gave its last sign of life. */
  seen_at: string | null;
  since: string | null;
};
export type Diagnosis = {
  attempts: Attempts;
  document_id: string;
  last_error: Failure | null;
  queue: QueuePlace | null;
  reasons: Reason[];
  stage: string;
  status: "pending" | "processing" | "ready" | "failed";
  summary: string;
  worker: JobWorker | null;
};
export type StoreErasure = {
  at: string;
  /** How much there was. */
  erased: number;
  /** Its technology. */
  kind: string;
  /** How much was there when the store was asked again. */
  left: number;
  store: string;
};
export type Erasure = {
  /** How much there was of each kind. */
  counts: {
    [key: string]: number;
  };
  /** Null until all of it is gone. */
  finished_at: string | null;
  id: string;
  requested_at: string;
  stores: StoreErasure[];
  /** Of a bot or document; null for the others. */
  subject_id: string | null;
  subject_type: "workspace" | "user" | "bot" | "document";
  /** When every store was asked again, and held nothing. */
  verified_at: string | null;
};
export type AccountRemoval = {
  password?: string | null;
};
export type Profile = {
  created_at: string;
  email: string;
  email_verified: boolean;
  full_name: string;
  id: string;
  instance_admin: boolean;
  /** Whether logging in takes a code too. */
  second_factor: boolean;
};
export type ProfilePatch = {
  current_password?: string | null;
  email?: string | null;
  full_name?: string | null;
};
export type PasswordChange = {
  current_password?: string | null;
  new_password: string;
};
export type FactorRemoval = {
  code?: string | null;
  password?: string | null;
  recovery_code?: string | null;
};
export type Enrolment = {
  /** To be shown as a QR code. */
  otpauth_url: string;
  /** Base32, to be typed. */
  secret: string;
};
export type RecoveryCodes = {
  recovery_codes: string[];
};
export type FactorCode = {
  code: string;
};
export type FeedbackPut = {
  comment?: string | null;
  rating: "up" | "down";
  /** A word to sort by. */
  reason?: string | null;
};
export type TraceConfiguration = {
  agent_type: string;
  chat_history_length: number;
  fallback_models: string[];
  /** null: the installation's default. */
  llm_model: string | null;
  rerank: boolean | null;
  retrieval_mode: string;
  retriever_k: number;
  temperature: number;
  unverified_citations: string;
};
export type Cost = {
  amount: number;
  currency: string;
};
export type TraceSource = {
  chunk_id: string;
  /** The document is gone, and its text with it. */
  deleted: boolean;
  document_id: string;
  end: number;
  page: number | null;
  revision: number;
  score: number;
  scores: Scores;
  start: number;
  /** null: deleted. */
  text: string | null;
  /** null: deleted. */
  title: string | null;
};
export type TraceStep = {
  duration_ms: number;
  name:
    | "retrieve"
    | "embed"
    | "vector"
    | "keyword"
    | "read"
    | "rerank"
    | "prompt"
    | "model";
  /** After the work on the answer began. */
  started_ms: number;
};
export type Trace = {
  /** The published version; `draft`: the bot's own configuration. */
  bot_version: number | "draft";
  configuration: TraceConfiguration;
  /** null: the model's price is not known. */
  cost: Cost | null;
  /** A part of retrieval was out. */
  degraded: boolean;
  fallbacks: Fallback[];
  message_id: string;
  /** The one that answered, or failed last. */
  model: string | null;
  /** What was searched for; null: nothing was searched. */
  query: string | null;
  /** Best first. */
  sources: TraceSource[];
  /** In the order in which they began. */
  steps: TraceStep[];
  usage: Usage;
};
export type ModelChoice = {
  /** What the provider's models can do beyond text; empty while unknown. */
  capabilities: ("provider_turn" | "schema" | "stop" | "thinking" | "tools")[];
  /** Whether it can be had now. */
  configured: boolean;
  /** What bots answer with that name no model. */
  default: boolean;
  /** For `llm_model` and `fallback_models`. Another model of a configured provider is written likewise, `provider/model`. */
  id: string;
  /** It asks nobody, and costs nothing. */
  local: boolean;
  /** As the provider calls it. */
  name: string;
  /** By whose settings or key; null: the provider still needs a key. */
  provided_by: ("installation" | "workspace") | null;
  provider: string;
};
export type ModelChoices = {
  data: ModelChoice[];
};
export type PlanLimits = {
  bots: number | null;
  bytes: number | null;
  documents: number | null;
  members: number | null;
  messages_month: number | null;
  tokens_month: number | null;
};
export type Plan = {
  id: string;
  limits: PlanLimits;
  name: string;
};
export type Plans = {
  data: Plan[];
};
export type ProviderCredentials = {
  base_url: string | null;
  /** The end of the key. */
  hint: string;
  provider: string;
  updated_at: string;
  /** Id of who gave the key. */
  updated_by: string;
};
export type ListOfProviderCredentials = {
  data: ProviderCredentials[];
  has_more: boolean;
  /** Send it as `cursor` for the next page. */
  next_cursor: string | null;
};
export type CredentialsInput = {
  /** Kept encrypted, and never shown again. */
  api_key: string;
  /** Another server that speaks the provider's interface: https and on the public internet; absent: the provider's own. */
  base_url?: string | null;
};
export type Sweep = {
  /** Whether everything was as it should be. */
  clean: boolean;
  /** How much was looked at, deleted, restored and so on. */
  counts: {
    [key: string]: number;
  };
  finished_at: string;
  id: string;
  started_at: string;
};
export type ListOfSweep = {
  data: Sweep[];
  has_more: boolean;
  /** Send it as `cursor` for the next page. */
  next_cursor: string | null;
};
export type UsageSum = {
  bot_id: string | null;
  bytes: number;
  chunks: number;
  completion_tokens: number;
  day: string | null;
  /** Documents and revisions that were taken in. */
  documents: number;
  /** Answers that ended, well or not. */
  messages: number;
  /** The chat model, or for documents the embedder's space. */
  model: string | null;
  prompt_tokens: number;
};
export type LimitStanding = {
  /** null: no limit. */
  limit: number | null;
  name:
    | "bots"
    | "documents"
    | "bytes"
    | "messages_month"
    | "tokens_month"
    | "members";
  /** When it starts from 0 again; null: what is deleted is free. */
  renews_at: string | null;
  used: number;
};
export type UsageReport = {
  data: UsageSum[];
  from: string;
  group_by: "day" | "bot" | "model";
  limits: LimitStanding[];
  to: string;
};
export type OwnWorkspace = {
  created_at: string;
  /** What bots answer with that name no model. */
  default_model: string | null;
  /** Null: it is in use. */
  deleted_at: string | null;
  /** Until then an owner can restore what is deleted. */
  erase_after: string | null;
  id: string;
  name: string;
  plan: string;
  role: "owner" | "admin" | "editor" | "viewer";
};
export type ListOfOwnWorkspace = {
  data: OwnWorkspace[];
  has_more: boolean;
  /** Send it as `cursor` for the next page. */
  next_cursor: string | null;
};
export type WorkspaceInput = {
  name: string;
};
export type WorkspacePatch = {
  /** What bots answer with that name no model; null: the installation's default. */
  default_model?: string | null;
  name?: string;
};
export type Invitation = {
  created_at: string;
  email: string;
  expires_at: string;
  id: string;
  /** Id of who made it. */
  invited_by: string | null;
  role: "admin" | "editor" | "viewer";
};
export type ListOfInvitation = {
  data: Invitation[];
  has_more: boolean;
  /** Send it as `cursor` for the next page. */
  next_cursor: string | null;
};
export type NewInvitation = {
  created_at: string;
  email: string;
  expires_at: string;
  id: string;
  /** Id of who made it. */
  invited_by: string | null;
  /** For the invited person alone. */
  link: string;
  role: "admin" | "editor" | "viewer";
};
export type InvitationInput = {
  email: string;
  role: "admin" | "editor" | "viewer";
};
export type Member = {
  email: string;
  full_name: string;
  joined_at: string;
  role: "owner" | "admin" | "editor" | "viewer";
  user_id: string;
};
export type ListOfMember = {
  data: Member[];
  has_more: boolean;
  /** Send it as `cursor` for the next page. */
  next_cursor: string | null;
};
export type Membership = {
  role: "owner" | "admin" | "editor" | "viewer";
  user_id: string;
};
export type MemberPatch = {
  role: "owner" | "admin" | "editor" | "viewer";
};
export type Subscription = {
  plan: Plan;
  workspace_id: string;
};
export type SubscriptionInput = {
  plan: string;
};
export type Transfer = {
  /** Id of a member. */
  user_id: string;
};
export type SocketTicket = {
  /** Seconds. */
  expires_in: number;
  ticket: string;
};
export const {
  useListApiKeysQuery,
  useCreateApiKeyMutation,
  useRevokeApiKeyMutation,
  useGetApiKeyQuery,
  useRenameApiKeyMutation,
  useRotateApiKeyMutation,
  useListAuditEventsQuery,
  useVerifyAuditEventsQuery,
  useEndOtherSessionsMutation,
  useListSessionsQuery,
  useEndSessionMutation,
  useListBotsQuery,
  useCreateBotMutation,
  useConfigSchemaQuery,
  useDeleteBotMutation,
  useGetBotQuery,
  useUpdateBotMutation,
  useChatMutation,
  useListConversationsQuery,
  useStartConversationMutation,
  useListCrawlsQuery,
  useStartCrawlMutation,
  useListDocumentsQuery,
  useAddDocumentsMutation,
  useSearchMutation,
  useGetSummaryQuery,
  useListVersionsQuery,
  useCreateVersionMutation,
  usePublishVersionMutation,
  useDeleteConversationMutation,
  useGetConversationQuery,
  useRenameConversationMutation,
  useListMessagesQuery,
  useCreateMessageMutation,
  useGetCrawlQuery,
  useStopCrawlMutation,
  useDeleteDocumentMutation,
  useGetDocumentQuery,
  useUpdateDocumentMutation,
  useCancelMutation,
  useListChunksQuery,
  useReplaceContentMutation,
  useGetDiagnosisQuery,
  useReprocessMutation,
  useGetTextQuery,
  useGetErasureQuery,
  useDeleteMeMutation,
  useUpdateMeMutation,
  useChangePasswordMutation,
  useRemoveTotpMutation,
  useBeginTotpMutation,
  useConfirmTotpMutation,
  useGetMessageQuery,
  useWithdrawFeedbackMutation,
  useGiveFeedbackMutation,
  useRegenerateMutation,
  useStopMutation,
  useGetTraceQuery,
  useListModelsQuery,
  useListPlansQuery,
  useListProviderCredentialsQuery,
  useRemoveProviderCredentialsMutation,
  useSetProviderCredentialsMutation,
  useListSweepsQuery,
  useGetUsageQuery,
  useListWorkspacesQuery,
  useCreateWorkspaceMutation,
  useDeleteWorkspaceMutation,
  useGetWorkspaceQuery,
  useUpdateWorkspaceMutation,
  useListInvitationsQuery,
  useInviteMutation,
  useRevokeInvitationMutation,
  useListMembersQuery,
  useRemoveMemberMutation,
  useChangeMemberRoleMutation,
  useRestoreWorkspaceMutation,
  useGetSubscriptionQuery,
  usePutSubscriptionMutation,
  useTransferOwnershipMutation,
  useCreateWsTicketMutation,
} = injectedRtkApi;
