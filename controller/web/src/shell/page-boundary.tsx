import { Alert, Button } from "@mantine/core";
import { Component, type ReactNode } from "react";

interface Props {
  readonly title: string;
  readonly reload: string;
  readonly children: ReactNode;
}

/** A page that fails leaves the others usable. What cannot be loaded is often of an older version: loading anew helps. */
export class PageBoundary extends Component<Props, { readonly message: string | undefined }> {
  override state: { readonly message: string | undefined } = { message: undefined };

  static getDerivedStateFromError(error: unknown) {
    return { message: error instanceof Error ? error.message : String(error) };
  }

  override render(): ReactNode {
    const { message } = this.state;
    if (message === undefined) return this.props.children;
    return (
      <Alert color="red" title={this.props.title} role="alert">
        <p>{message}</p>
        <Button onClick={() => location.reload()}>{this.props.reload}</Button>
      </Alert>
    );
  }
}
