"""What texnet ships trained: the generator that training begins from, and the compact perceptual network."""
