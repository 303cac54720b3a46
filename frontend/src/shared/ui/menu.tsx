import { Check } from "lucide-react";
import type { ReactNode } from "react";
import { Header } from "react-aria-components/Header";
import {
  Menu as AriaMenu,
  MenuItem as AriaMenuItem,
  type MenuItemProps as AriaMenuItemProps,
  MenuSection as AriaMenuSection,
  type MenuSectionProps as AriaMenuSectionProps,
  type MenuProps,
  MenuTrigger,
} from "react-aria-components/Menu";
import { Popover, type PopoverProps } from "react-aria-components/Popover";
import { Separator } from "react-aria-components/Separator";
import { classes } from "./classes";
import { itemStyles, popoverStyles } from "./popover-styles";

interface Props extends Omit<MenuProps<object>, "className" | "children"> {
  trigger: ReactNode;
  placement?: PopoverProps["placement"];
  children: ReactNode;
}

/** A button (`trigger`) with a list of deeds or places. */
export function Menu({ trigger, placement = "bottom end", children, ...props }: Props) {
  return (
    <MenuTrigger>
      {trigger}
      <Popover placement={placement} className={popoverStyles}>
        <AriaMenu {...props} className="outline-none">
          {children}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}

interface MenuItemProps extends Omit<AriaMenuItemProps, "className" | "children"> {
  icon?: ReactNode;
  isDanger?: boolean;
  children: string;
}

export function MenuItem({ icon, isDanger, children, ...props }: MenuItemProps) {
  return (
    <AriaMenuItem
      {...props}
      textValue={children}
      className={classes(itemStyles, isDanger && "text-danger")}
    >
      {({ isSelected }) => (
        <>
          {icon}
          <span className="grow">{children}</span>
          {isSelected && <Check aria-hidden className="size-4 text-accent" />}
        </>
      )}
    </AriaMenuItem>
  );
}

interface MenuSectionProps extends Omit<AriaMenuSectionProps<object>, "children" | "className"> {
  title: string;
  children: ReactNode;
}

export function MenuSection({ title, children, ...props }: MenuSectionProps) {
  return (
    <AriaMenuSection {...props}>
      <Header className="px-2.5 pt-2 pb-1 text-xs font-medium text-faint">{title}</Header>
      {children}
    </AriaMenuSection>
  );
}

export function MenuSeparator() {
  return <Separator className="my-1 h-px bg-line" />;
}
