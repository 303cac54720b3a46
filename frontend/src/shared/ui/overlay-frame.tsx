import { Dialog } from "react-aria-components/Dialog";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import type { OverlayProps } from "./overlay";

export function OverlayFrame({
  veil,
  className,
  inside,
  role,
  isHeld,
  isDismissable = true,
  onClose,
  children,
  ...label
}: OverlayProps) {
  return (
    <ModalOverlay
      isOpen
      onOpenChange={(open) => !open && onClose()}
      isDismissable={isDismissable}
      isKeyboardDismissDisabled={isHeld}
      className={`fixed inset-0 z-40 flex bg-veil ${veil}`}
    >
      <Modal className={className}>
        <Dialog {...label} role={role} className={`outline-none ${inside ?? ""}`}>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
