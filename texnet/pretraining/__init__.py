"""What texnet ships trained: the generator that training starts from, and the compact perceptual network."""
