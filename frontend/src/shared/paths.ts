/** The addresses of the screens, in one place: whoever links to one need not know its feature. */
export const paths = {
  home: "/",
  login: "/login",
  secondFactor: "/login/code",
  register: "/register",
  forgot: "/forgot",
  reset: "/reset",
  verify: "/verify",
  invitation: "/invitation",
  bots: "/bots",
  newBot: "/bots/new",
  bot: (id: string) => `/bots/${id}`,
  configure: (id: string) => `/bots/${id}/configure`,
  versions: (id: string) => `/bots/${id}/configure/versions`,
  knowledge: (id: string) => `/bots/${id}/knowledge`,
  document: (id: string, documentId: string) => `/bots/${id}/knowledge/${documentId}`,
  retrieval: (id: string) => `/bots/${id}/retrieval`,
  playground: (id: string) => `/bots/${id}/playground`,
  /** The playground with a question at hand, which one click asks. */
  ask: (id: string, question?: string) =>
    `/bots/${id}/playground${question ? `?question=${encodeURIComponent(question)}` : ""}`,
  /** A conversation that goes on. */
  chat: (id: string, conversationId: string) => `/bots/${id}/playground/${conversationId}`,
  conversations: (id: string) => `/bots/${id}/conversations`,
  /** A conversation that is read. */
  conversation: (id: string, conversationId: string) =>
    `/bots/${id}/conversations/${conversationId}`,
  workspace: "/workspace",
  members: "/workspace/members",
  apiKeys: "/workspace/api-keys",
  usage: "/workspace/usage",
  audit: "/workspace/audit",
  profile: "/profile",
};
