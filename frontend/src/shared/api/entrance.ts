// Generated from docs/openapi.json by `npm run api`. Do not edit.
import { baseApi as api } from "./base-api";
export const addTagTypes = ["Accounts", "Instance", "Workspaces"] as const;
const injectedRtkApi = api
  .enhanceEndpoints({
    addTagTypes,
  })
  .injectEndpoints({
    endpoints: (build) => ({
      sendVerification: build.mutation<
        SendVerificationApiResponse,
        SendVerificationApiArg
      >({
        query: (queryArg) => ({
          url: `/api/v1/auth/email/verification`,
          method: "POST",
          body: queryArg.emailOnly,
        }),
        invalidatesTags: ["Accounts"],
      }),
      verifyEmail: build.mutation<VerifyEmailApiResponse, VerifyEmailApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/auth/email/verify`,
          method: "POST",
          body: queryArg.tokenOnly,
        }),
        invalidatesTags: ["Accounts"],
      }),
      login: build.mutation<LoginApiResponse, LoginApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/auth/login`,
          method: "POST",
          body: queryArg.login,
          headers: {
            "x-auth-mode": queryArg["x-auth-mode"],
          },
        }),
        invalidatesTags: ["Accounts"],
      }),
      loginWithSecondFactor: build.mutation<
        LoginWithSecondFactorApiResponse,
        LoginWithSecondFactorApiArg
      >({
        query: (queryArg) => ({
          url: `/api/v1/auth/login/second_factor`,
          method: "POST",
          body: queryArg.secondFactorLogin,
          headers: {
            "x-auth-mode": queryArg["x-auth-mode"],
          },
        }),
        invalidatesTags: ["Accounts"],
      }),
      logout: build.mutation<LogoutApiResponse, LogoutApiArg>({
        query: () => ({ url: `/api/v1/auth/logout`, method: "POST" }),
        invalidatesTags: ["Accounts"],
      }),
      oidc: build.query<OidcApiResponse, OidcApiArg>({
        query: () => ({ url: `/api/v1/auth/oidc` }),
        providesTags: ["Accounts"],
      }),
      forgotPassword: build.mutation<
        ForgotPasswordApiResponse,
        ForgotPasswordApiArg
      >({
        query: (queryArg) => ({
          url: `/api/v1/auth/password/forgot`,
          method: "POST",
          body: queryArg.emailOnly,
        }),
        invalidatesTags: ["Accounts"],
      }),
      resetPassword: build.mutation<
        ResetPasswordApiResponse,
        ResetPasswordApiArg
      >({
        query: (queryArg) => ({
          url: `/api/v1/auth/password/reset`,
          method: "POST",
          body: queryArg.passwordReset,
        }),
        invalidatesTags: ["Accounts"],
      }),
      register: build.mutation<RegisterApiResponse, RegisterApiArg>({
        query: (queryArg) => ({
          url: `/api/v1/auth/register`,
          method: "POST",
          body: queryArg.register,
          headers: {
            "x-auth-mode": queryArg["x-auth-mode"],
          },
        }),
        invalidatesTags: ["Accounts"],
      }),
      getInstance: build.query<GetInstanceApiResponse, GetInstanceApiArg>({
        query: () => ({ url: `/api/v1/instance` }),
        providesTags: ["Instance"],
      }),
      acceptInvitation: build.mutation<
        AcceptInvitationApiResponse,
        AcceptInvitationApiArg
      >({
        query: (queryArg) => ({
          url: `/api/v1/invitations/accept`,
          method: "POST",
          body: queryArg.invitationSecret,
        }),
        invalidatesTags: ["Workspaces"],
      }),
      lookUpInvitation: build.mutation<
        LookUpInvitationApiResponse,
        LookUpInvitationApiArg
      >({
        query: (queryArg) => ({
          url: `/api/v1/invitations/lookup`,
          method: "POST",
          body: queryArg.invitationSecret,
        }),
        invalidatesTags: ["Workspaces"],
      }),
      me: build.query<MeApiResponse, MeApiArg>({
        query: () => ({ url: `/api/v1/me` }),
        providesTags: ["Accounts"],
      }),
    }),
    overrideExisting: false,
  });
export { injectedRtkApi as api };
export type SendVerificationApiResponse = unknown;
export type SendVerificationApiArg = {
  emailOnly: EmailOnly;
};
export type VerifyEmailApiResponse = unknown;
export type VerifyEmailApiArg = {
  tokenOnly: TokenOnly;
};
export type LoginApiResponse =
  /** status 200 Successful Response */ Session | BrowserSession;
export type LoginApiArg = {
  /** For pages of this site: the refresh token comes as an HttpOnly cookie and is left out of the body. */
  "x-auth-mode"?: string;
  login: Login;
};
export type LoginWithSecondFactorApiResponse =
  /** status 200 Successful Response */ Session | BrowserSession;
export type LoginWithSecondFactorApiArg = {
  /** For pages of this site: the refresh token comes as an HttpOnly cookie and is left out of the body. */
  "x-auth-mode"?: string;
  secondFactorLogin: SecondFactorLogin;
};
export type LogoutApiResponse = unknown;
export type LogoutApiArg = void;
export type OidcApiResponse = /** status 200 Successful Response */ SignOn;
export type OidcApiArg = void;
export type ForgotPasswordApiResponse = unknown;
export type ForgotPasswordApiArg = {
  emailOnly: EmailOnly;
};
export type ResetPasswordApiResponse = unknown;
export type ResetPasswordApiArg = {
  passwordReset: PasswordReset;
};
export type RegisterApiResponse =
  | (/** status 201 Successful Response */ Session | BrowserSession)
  | /** status 202 Accepted */ VerificationSent;
export type RegisterApiArg = {
  /** For pages of this site: the refresh token comes as an HttpOnly cookie and is left out of the body. */
  "x-auth-mode"?: string;
  register: Register;
};
export type GetInstanceApiResponse =
  /** status 200 Successful Response */ Instance;
export type GetInstanceApiArg = void;
export type AcceptInvitationApiResponse =
  /** status 200 Successful Response */ OwnWorkspace;
export type AcceptInvitationApiArg = {
  invitationSecret: InvitationSecret;
};
export type LookUpInvitationApiResponse =
  /** status 200 Successful Response */ InvitationOffer;
export type LookUpInvitationApiArg = {
  invitationSecret: InvitationSecret;
};
export type MeApiResponse = /** status 200 Successful Response */ Me;
export type MeApiArg = void;
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
export type EmailOnly = {
  email: string;
};
export type TokenOnly = {
  token: string;
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
export type Workspace = {
  created_at: string;
  id: string;
  name: string;
  plan: string;
  role: "owner" | "admin" | "editor" | "viewer";
};
export type Session = {
  access_token: string;
  /** Seconds until the access token expires. */
  expires_in: number;
  refresh_token: string;
  token_type: "bearer";
  user: Profile;
  /** The first one; null: in none. */
  workspace: Workspace | null;
};
export type BrowserSession = {
  access_token: string;
  /** Seconds until the access token expires. */
  expires_in: number;
  token_type: "bearer";
  user: Profile;
  /** The first one; null: in none. */
  workspace: Workspace | null;
};
export type Login = {
  email: string;
  password: string;
};
export type SecondFactorLogin = {
  challenge?: string | null;
  code?: string | null;
  recovery_code?: string | null;
};
export type SignOn = {
  enabled: boolean;
  name: string;
};
export type PasswordReset = {
  password: string;
  token: string;
};
export type VerificationSent = {
  status: "verification_sent";
};
export type Register = {
  email: string;
  full_name: string;
  password: string;
};
export type FileType = {
  media_type: string;
  suffix: string;
};
export type Instance = {
  /** Whether nobody logs in before the address is confirmed. */
  email_verification: boolean;
  /** The largest file that is taken. */
  max_upload_bytes: number;
  /** Files that are read, by suffix. Any other text, such as source code, is read as plain text: what a file is, its bytes say. */
  media_types: FileType[];
  name: string;
  oidc: SignOn;
  /** `closed`: only who was invited makes an account with a password. */
  registration: "open" | "closed";
  version: string;
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
export type InvitationSecret = {
  /** What follows `#invitation=` in the link. */
  token: string;
};
export type InvitationOffer = {
  email: string;
  expires_at: string;
  role: "admin" | "editor" | "viewer";
  workspace_name: string;
};
export type Me = {
  user: Profile;
  workspaces: Workspace[];
};
export const {
  useSendVerificationMutation,
  useVerifyEmailMutation,
  useLoginMutation,
  useLoginWithSecondFactorMutation,
  useLogoutMutation,
  useOidcQuery,
  useForgotPasswordMutation,
  useResetPasswordMutation,
  useRegisterMutation,
  useGetInstanceQuery,
  useAcceptInvitationMutation,
  useLookUpInvitationMutation,
  useMeQuery,
} = injectedRtkApi;
