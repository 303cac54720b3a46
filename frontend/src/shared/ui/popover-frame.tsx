import { Dialog } from "react-aria-components/Dialog";
import { Popover } from "react-aria-components/Popover";
import type { PopoverProps } from "./popover";
import { popoverStyles } from "./popover-styles";

export function PopoverFrame({ label, button, className, onClose, children }: PopoverProps) {
  return (
    <Popover
      isOpen
      onOpenChange={(open) => !open && onClose()}
      triggerRef={button}
      placement="bottom start"
      className={`${popoverStyles} ${className ?? ""}`}
    >
      <Dialog aria-label={label} className="p-3 text-sm outline-none">
        {children}
      </Dialog>
    </Popover>
  );
}
