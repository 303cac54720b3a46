import { useDispatch } from "react-redux";
import { useNavigate } from "react-router";
import { baseApi } from "@/shared/api";
import { paths } from "@/shared/paths";
import { workspaceChosen } from "@/shared/session";

/** Work in another workspace from now on; null: in whichever is left. */
export function useGoTo(): (id: string | null) => void {
  const dispatch = useDispatch();
  const navigate = useNavigate();
  return (id) => {
    dispatch(baseApi.util.resetApiState()); // whose workspaces they are is asked anew
    dispatch(workspaceChosen(id));
    void navigate(id ? paths.home : paths.workspace);
  };
}
